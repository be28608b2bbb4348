/** The console starts: words, stores, the session of an earlier page if there is one, then the screen. */

import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import "./design/element";
import { chooseLocale, i18n, localeNow } from "./i18n";
import { makeRouter } from "./router";
import { useSession } from "./session";

chooseLocale(localeNow());
const app = createApp(App).use(createPinia()).use(i18n);
void useSession()
  .resume()
  .then(() => app.use(makeRouter()).mount("#app"));
