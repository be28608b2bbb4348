"""What simulated callers and counselors write: short lines of our own, calm and without detail.

None is taken from a data set or from anybody's talk. Ordinary lines are what a line hears most; distressed
ones are heavy and name no danger; crisis lines say plainly what a rule must hear. Counselors answer as
people do who have learned to: they name what they heard, ask, and never promise.
"""

from collections.abc import Mapping
from typing import Final

ORDINARY: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": (
        "您好，我想找人说说话，可以吗？",
        "最近工作特别忙，回到家什么都不想做。",
        "我和室友因为打扫卫生的事吵架了。",
        "孩子上初二，一说学习就跟我顶嘴。",
        "这几天总是睡不好，凌晨三四点就醒。",
        "马上要考研了，我一看书就走神。",
        "我爸妈总催我结婚，我都不敢回家了。",
        "换了新城市，周末一个人不知道去哪儿。",
        "领导当着大家的面批评我，我到现在还难受。",
        "和男朋友冷战一个星期了，不知道该不该先开口。",
        "妈妈住院了，我两头跑，有点撑不住。",
        "我好像总是在意别人怎么看我。",
        "下周要做汇报，一想到就心慌。",
        "我家猫走了，我知道听起来很小的事。",
        "退休以后每天很空，不知道做什么。",
        "我想问问，心理咨询一般要做几次？",
        "请问你们周末也有人接吗？",
        "我就是想确认一下，说的话会保密吧？",
        "孩子不肯去幼儿园，每天早上都哭。",
        "面试又没过，已经是第六次了。",
        "丈夫什么都不跟我说，下班就看手机。",
        "宿舍晚上太吵，我说了几次都没用。",
        "我刚当上班主任，家长的消息回不完。",
        "今天比昨天好一点，我出去走了走。",
        "嗯，你说得对，我是太着急了。",
        "我还没跟别人说过这些。",
        "其实我也知道他们是为我好。",
        "说出来好像轻松了一点。",
        "我可以试试你说的那个办法。",
        "好的，谢谢你听我说这么多。",
        "我再想想，明天可能再来找你们。",
        "不好意思，我打字有点慢。",
    ),
    "en": (
        "Hi, is it okay if I just talk for a bit?",
        "Work has been a lot lately and I come home with nothing left.",
        "My flatmate and I keep arguing about the kitchen.",
        "My son is fourteen and everything turns into a fight.",
        "I wake up at four every night and can't get back to sleep.",
        "Exams are in two weeks and I can't concentrate.",
        "My parents ask about marriage every time we talk.",
        "I moved here in August and I don't really know anyone.",
        "My manager told me off in front of everybody.",
        "We broke up last month and the evenings are the hardest.",
        "My mother is ill and I'm doing all of it alone.",
        "I worry a lot about what people think of me.",
        "I have a presentation on Monday and my stomach is in knots.",
        "Our dog died on Saturday. I know it sounds small.",
        "Since I retired the days are very long.",
        "How many sessions does counselling usually take?",
        "Is there somebody here on weekends too?",
        "Just to be sure, is this confidential?",
        "I didn't get the job. That's the sixth one.",
        "He comes home and looks at his phone, that's it.",
        "I started teaching this year and the messages never stop.",
        "Today is a little better than yesterday, I went for a walk.",
        "Yes, you're right, I'm being too hard on myself.",
        "I haven't told anyone about this before.",
        "I know they mean well.",
        "It helps a bit to write it down.",
        "I could try what you said.",
        "Thank you for listening to all of this.",
        "I'll think about it and maybe come back tomorrow.",
        "Sorry, I'm a slow typer.",
    ),
}
DISTRESSED: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": (
        "我觉得很绝望，看不到头。",
        "这两个星期我几乎每天都哭。",
        "我觉得自己什么都做不好，很没用。",
        "我已经三天没怎么吃东西了，什么都没意思。",
        "我觉得自己是家里的累赘。",
        "心里空空的，好像跟谁都隔着一层。",
        "我真的撑不下去了，太累了。",
        "一到晚上就特别害怕，喘不上气。",
    ),
    "en": (
        "I feel hopeless and I can't see an end to it.",
        "I have cried almost every day for two weeks.",
        "I feel worthless, I can't do anything right.",
        "Nothing matters to me any more, I hardly eat.",
        "I feel like a burden to everyone around me.",
        "I feel empty and cut off from everybody.",
        "I can't go on like this, I'm exhausted.",
    ),
}
CRISIS: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": (
        "我不想活了。",
        "我这几天一直在想自杀的事。",
        "我想结束自己的生命，已经想好了今晚。",
        "活着没有意义，我想死。",
    ),
    "en": (
        "I don't want to be alive any more.",
        "I keep thinking about suicide.",
        "I have decided to end my life tonight.",
        "I want to die.",
    ),
}
REPLIES: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": (
        "您好，我在这里，您慢慢说。",
        "听起来这段时间您一直一个人扛着。",
        "这件事发生多久了？",
        "当时您心里是什么感受？",
        "谢谢您愿意告诉我。",
        "身边有没有一个可以说说话的人？",
        "您说的这些，换谁都会难受。",
        "除了这件事，睡眠和吃饭怎么样？",
        "我们一起看看，今天晚上可以先做哪一小步。",
        "我听到您很累，也听到您还在想办法。",
    ),
    "en": (
        "Hello, I'm here. Take your time.",
        "It sounds as if you have carried this alone for a while.",
        "How long has this been going on?",
        "What was that like for you?",
        "Thank you for telling me.",
        "Is there one person you could talk to about it?",
        "That would be hard for anybody.",
        "How are you sleeping, and are you eating?",
        "Let us look for one small step for tonight.",
        "I hear that you are tired, and that you keep trying.",
    ),
}
ASKED: Final[Mapping[str, str]] = {
    "zh": "我想直接问您一句：您有没有想过结束自己的生命？",
    "en": "I would like to ask you directly: have you been thinking about ending your life?",
}
FAREWELL: Final[Mapping[str, str]] = {
    "zh": "今天先到这里。需要的时候，随时再来找我们。",
    "en": "Let us stop here for today. Come back whenever you need to.",
}
NOTES: Final = ("已联系家属，情况稳定。", "Reached by phone, somebody is with them.")
SUMMARY: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "words": "想找人说说话。",
        "facts": "近来压力较大，睡眠欠佳。",
        "judgment": "情绪可以疏导，有支持。",
        "unknowns": "家中支持情况未问到。",
    },
    "en": {
        "words": "Wanted somebody to talk to.",
        "facts": "Under pressure lately, sleeps badly.",
        "judgment": "Distress that eases in talking; has support.",
        "unknowns": "How the family sees it.",
    },
}
