// The page's words. What the engine itself writes (why, evidence) is English and marked so.
const LEVELS = ["corroborated", "measured", "reported", "contradicted"];

const en = {
  name: "English",
  title: "Internet shutdowns",
  tagline: "where the internet was cut off, and how that is known",
  live: "live", connecting: "connecting …", offline: "no connection",
  report: "Report a shutdown", language: "Language", skip: "Skip to the list",
  map: "Map of the world with the shutdowns", mapHelp: "Arrow keys move, plus and minus zoom. The list has the same shutdowns.",
  zoomIn: "Zoom in", zoomOut: "Zoom out", whole: "Whole world",
  timeline: "When", from: "From", until: "Until", day: "Last 24 hours", week: "7 days", month: "30 days", all: "All",
  levels: "Levels", country: "Country", anyCountry: "All countries",
  corroborated: "Corroborated", measured: "Measured", reported: "Reported", contradicted: "Contradicted",
  corroboratedHelp: "measured and claimed by independent sources", measuredHelp: "measured, claimed by nobody",
  reportedHelp: "claimed, no usable measurement", contradictedHelp: "claimed, but measurements stayed normal",
  list: "Shutdowns", count: "{n} shutdowns", one: "1 shutdown", none: "None is known in this time.", more: "More",
  newest: "Nothing in the last 24 hours. Shown: around the newest one.",
  back: "Back to the list", notFound: "There is no shutdown with this id.",
  open: "not over yet", closed: "over", merged: "merged", retracted: "retracted", heir: "It is part of another shutdown now.",
  local: "Local time", utc: "UTC", since: "since {a}", plusminus: "± {n} min", daysOnly: "time of day unknown",
  national: "whole country", regional: "region", localScope: "local", full: "everything cut", service: "some services", throttling: "slowed down",
  missing: "What is missing", normal: "No drop: every series of the place stayed normal.",
  missingSeries: "The series of the place were missing: they say nothing.", coarse: "Only series of wider places exist: too coarse to see this one.",
  noSeries: "No series of the place exists at that time.",
  falseAlarms: "Expected false alarms of this strength a year",
  why: "Why", signals: "Signals, claims and protests", noSignals: "No measurements of this place are at hand.",
  value: "measured", baseline: "baseline", outage: "drop", claims: "Claims", protests: "Protests",
  evidence: "Evidence", source: "Source", link: "link", role: "Role", supports: "supports", contradicts: "against", acknowledges: "acknowledged", context: "context",
  happened: "Probability that it happened", happenedHelp: "that connectivity was really cut or degraded",
  onPurpose: "That it was on purpose, if so", onPurposeHelp: "given that it happened, that somebody decided it", probability: "Both together",
  above: "above {n}", below: "below {n}", likely: "happened {a} · on purpose {b}", orders: "Ordered or admitted",
  explanations: "Other explanations", denied: "Denied", causes: "Other causes",
  power: "power cut", cable: "damaged cable", disaster: "natural disaster", attack: "attack on the network", maintenance: "maintenance", "war-damage": "damage in a war", technical: "technical fault",
  campaign: "Recurs at the same local time", elsewhere: "Drop at the same time elsewhere",
  "source-failure": "The source itself failed: its signal dropped in several countries at once.",
  "shared-cause": "One cause is likely, such as a cable: neighbouring countries dropped alike.",
  "set-aside": "set aside", mobile: "mobile only", broadband: "fixed lines only",
  history: "Revisions", incident: "Part of one incident with", flags: "Doubts",
  changed: "{place}: {level}", data: "Data", feed: "Feed", api: "API",
};

const ru = {
  name: "Русский",
  title: "Отключения интернета",
  tagline: "где отключали интернет и откуда это известно",
  live: "в эфире", connecting: "соединение …", offline: "нет связи",
  report: "Сообщить об отключении", language: "Язык", skip: "Перейти к списку",
  map: "Карта мира с отключениями", mapHelp: "Стрелки двигают карту, плюс и минус меняют масштаб. В списке те же отключения.",
  zoomIn: "Ближе", zoomOut: "Дальше", whole: "Весь мир",
  timeline: "Когда", from: "С", until: "По", day: "Последние 24 часа", week: "7 дней", month: "30 дней", all: "Всё время",
  levels: "Уровни", country: "Страна", anyCountry: "Все страны",
  corroborated: "Подтверждено", measured: "Измерено", reported: "Сообщено", contradicted: "Опровергается",
  corroboratedHelp: "измерено и независимо сообщено", measuredHelp: "измерено, сообщений нет",
  reportedHelp: "сообщено, пригодных измерений нет", contradictedHelp: "сообщено, но измерения оставались в норме",
  list: "Отключения", count: "Отключений: {n}", one: "1 отключение", none: "За это время ничего не известно.", more: "Ещё",
  newest: "За последние 24 часа ничего. Показано время вокруг самого нового.",
  back: "Назад к списку", notFound: "Отключения с таким номером нет.",
  open: "ещё не закончилось", closed: "закончилось", merged: "объединено", retracted: "отозвано", heir: "Теперь это часть другого отключения.",
  local: "Местное время", utc: "UTC", since: "с {a}", plusminus: "± {n} мин", daysOnly: "время суток неизвестно",
  national: "вся страна", regional: "регион", localScope: "местное", full: "отключено всё", service: "отдельные сервисы", throttling: "замедление",
  missing: "Чего не хватает", normal: "Падения нет: все ряды этого места оставались в норме.",
  missingSeries: "Ряды этого места отсутствовали и ничего не говорят.", coarse: "Есть только ряды более широких мест: слишком грубо.",
  noSeries: "Рядов этого места за это время нет.",
  falseAlarms: "Ожидаемых ложных тревог такой силы в год",
  why: "Почему", signals: "Сигналы, сообщения и протесты", noSignals: "Измерений этого места нет под рукой.",
  value: "измерено", baseline: "обычный уровень", outage: "падение", claims: "Сообщения", protests: "Протесты",
  evidence: "Свидетельства", source: "Источник", link: "ссылка", role: "Роль", supports: "за", contradicts: "против", acknowledges: "признано", context: "контекст",
  happened: "Вероятность, что связь пропадала", happenedHelp: "что связь действительно прерывалась или ухудшилась",
  onPurpose: "Что намеренно, если пропадала", onPurposeHelp: "если связь пропадала — что так кто-то решил", probability: "То и другое вместе",
  above: "выше {n}", below: "ниже {n}", likely: "произошло {a} · намеренно {b}", orders: "Приказ или признание",
  explanations: "Другие объяснения", denied: "Отрицается", causes: "Другие причины",
  power: "отключение электричества", cable: "повреждение кабеля", disaster: "стихийное бедствие", attack: "атака на сеть", maintenance: "технические работы", "war-damage": "разрушения из-за войны", technical: "техническая неисправность",
  campaign: "Повторяется в одно и то же местное время", elsewhere: "Одновременное падение в других местах",
  "source-failure": "Сбой самого источника: его сигнал упал сразу в нескольких странах.",
  "shared-cause": "Вероятна одна причина, например кабель: в соседних странах падение было таким же.",
  "set-aside": "отложено", mobile: "только мобильная связь", broadband: "только проводной интернет",
  history: "Ревизии", incident: "Один инцидент вместе с", flags: "Сомнения",
  changed: "{place}: {level}", data: "Данные", feed: "Лента", api: "API",
};

const fr = {
  name: "Français",
  title: "Coupures d’internet",
  tagline: "où internet a été coupé, et comment on le sait",
  live: "en direct", connecting: "connexion …", offline: "pas de connexion",
  report: "Signaler une coupure", language: "Langue", skip: "Aller à la liste",
  map: "Carte du monde avec les coupures", mapHelp: "Les flèches déplacent la carte, plus et moins zooment. La liste contient les mêmes coupures.",
  zoomIn: "Agrandir", zoomOut: "Réduire", whole: "Monde entier",
  timeline: "Quand", from: "De", until: "À", day: "Dernières 24 heures", week: "7 jours", month: "30 jours", all: "Tout",
  levels: "Niveaux", country: "Pays", anyCountry: "Tous les pays",
  corroborated: "Corroborée", measured: "Mesurée", reported: "Signalée", contradicted: "Contredite",
  corroboratedHelp: "mesurée et signalée par des sources indépendantes", measuredHelp: "mesurée, signalée par personne",
  reportedHelp: "signalée, sans mesure utilisable", contradictedHelp: "signalée, mais les mesures sont restées normales",
  list: "Coupures", count: "{n} coupures", one: "1 coupure", none: "Aucune n’est connue sur cette période.", more: "Plus",
  newest: "Rien dans les dernières 24 heures. Affiché : autour de la plus récente.",
  back: "Retour à la liste", notFound: "Aucune coupure ne porte cet identifiant.",
  open: "pas terminée", closed: "terminée", merged: "fusionnée", retracted: "retirée", heir: "Elle fait maintenant partie d’une autre coupure.",
  local: "Heure locale", utc: "UTC", since: "depuis {a}", plusminus: "± {n} min", daysOnly: "heure inconnue",
  national: "tout le pays", regional: "région", localScope: "locale", full: "tout est coupé", service: "certains services", throttling: "ralentissement",
  missing: "Ce qui manque", normal: "Pas de chute : toutes les séries du lieu sont restées normales.",
  missingSeries: "Les séries du lieu manquaient : elles ne disent rien.", coarse: "Il n’existe que des séries de lieux plus vastes : trop grossier.",
  noSeries: "Aucune série de ce lieu n’existe pour cette période.",
  falseAlarms: "Fausses alertes attendues de cette force par an",
  why: "Pourquoi", signals: "Signaux, signalements et manifestations", noSignals: "Aucune mesure de ce lieu n’est disponible.",
  value: "mesuré", baseline: "niveau normal", outage: "chute", claims: "Signalements", protests: "Manifestations",
  evidence: "Preuves", source: "Source", link: "lien", role: "Rôle", supports: "pour", contradicts: "contre", acknowledges: "reconnue", context: "contexte",
  happened: "Probabilité qu’elle ait eu lieu", happenedHelp: "que la connexion ait vraiment été coupée ou dégradée",
  onPurpose: "Qu’elle soit volontaire, si oui", onPurposeHelp: "si elle a eu lieu, que quelqu’un l’ait décidée", probability: "Les deux ensemble",
  above: "plus de {n}", below: "moins de {n}", likely: "a eu lieu {a} · volontaire {b}", orders: "Ordonnée ou admise",
  explanations: "Autres explications", denied: "Démenti", causes: "Autres causes",
  power: "panne de courant", cable: "câble endommagé", disaster: "catastrophe naturelle", attack: "attaque du réseau", maintenance: "maintenance", "war-damage": "dégâts de guerre", technical: "panne technique",
  campaign: "Se répète à la même heure locale", elsewhere: "Chute simultanée ailleurs",
  "source-failure": "Panne de la source elle-même : son signal a chuté dans plusieurs pays à la fois.",
  "shared-cause": "Une même cause est probable, par exemple un câble : des pays voisins ont chuté de la même façon.",
  "set-aside": "mis de côté", mobile: "mobile seulement", broadband: "lignes fixes seulement",
  history: "Révisions", incident: "Un seul incident avec", flags: "Doutes",
  changed: "{place} : {level}", data: "Données", feed: "Flux", api: "API",
};

const ar = {
  name: "العربية",
  title: "انقطاعات الإنترنت",
  tagline: "أين قُطع الإنترنت وكيف عُرف ذلك",
  live: "مباشر", connecting: "جارٍ الاتصال …", offline: "لا اتصال",
  report: "أبلغ عن انقطاع", language: "اللغة", skip: "انتقل إلى القائمة",
  map: "خريطة العالم مع الانقطاعات", mapHelp: "الأسهم تحرّك الخريطة، وزائد وناقص للتكبير والتصغير. القائمة فيها الانقطاعات نفسها.",
  zoomIn: "تكبير", zoomOut: "تصغير", whole: "العالم كله",
  timeline: "متى", from: "من", until: "إلى", day: "آخر 24 ساعة", week: "7 أيام", month: "30 يومًا", all: "الكل",
  levels: "المستويات", country: "البلد", anyCountry: "كل البلدان",
  corroborated: "مؤكَّد", measured: "مَقيس", reported: "مُبلَّغ عنه", contradicted: "مُناقَض",
  corroboratedHelp: "قيس وأبلغت عنه مصادر مستقلة", measuredHelp: "قيس ولم يبلغ عنه أحد",
  reportedHelp: "أُبلغ عنه دون قياس صالح", contradictedHelp: "أُبلغ عنه لكن القياسات بقيت طبيعية",
  list: "الانقطاعات", count: "عدد الانقطاعات: {n}", one: "انقطاع واحد", none: "لا شيء معروف في هذه المدة.", more: "المزيد",
  newest: "لا شيء في آخر 24 ساعة. المعروض: حول الأحدث.",
  back: "العودة إلى القائمة", notFound: "لا يوجد انقطاع بهذا المعرّف.",
  open: "لم ينتهِ بعد", closed: "انتهى", merged: "دُمج", retracted: "سُحب", heir: "أصبح جزءًا من انقطاع آخر.",
  local: "التوقيت المحلي", utc: "UTC", since: "منذ {a}", plusminus: "± {n} دقيقة", daysOnly: "الساعة غير معروفة",
  national: "البلد كله", regional: "إقليم", localScope: "محلي", full: "قُطع كل شيء", service: "بعض الخدمات", throttling: "إبطاء",
  missing: "ما ينقص", normal: "لا هبوط: كل سلاسل المكان بقيت طبيعية.",
  missingSeries: "سلاسل المكان غائبة: لا تقول شيئًا.", coarse: "لا توجد إلا سلاسل لأماكن أوسع: خشنة جدًا.",
  noSeries: "لا توجد سلسلة لهذا المكان في ذلك الوقت.",
  falseAlarms: "الإنذارات الكاذبة المتوقعة بهذه القوة في السنة",
  why: "لماذا", signals: "الإشارات والبلاغات والاحتجاجات", noSignals: "لا قياسات متاحة لهذا المكان.",
  value: "المقيس", baseline: "المستوى المعتاد", outage: "هبوط", claims: "البلاغات", protests: "الاحتجاجات",
  evidence: "الأدلة", source: "المصدر", link: "رابط", role: "الدور", supports: "مؤيِّد", contradicts: "مُعارض", acknowledges: "اعتراف", context: "سياق",
  happened: "احتمال أنه حدث", happenedHelp: "أن الاتصال انقطع أو تدهور فعلًا",
  onPurpose: "احتمال التعمُّد إن حدث", onPurposeHelp: "إن كان قد حدث، أن أحدًا قرّره", probability: "الأمران معًا",
  above: "أكثر من {n}", below: "أقل من {n}", likely: "حدث {a} · متعمَّد {b}", orders: "أمر أو اعتراف",
  explanations: "تفسيرات أخرى", denied: "نفي", causes: "أسباب أخرى",
  power: "انقطاع الكهرباء", cable: "تلف كابل", disaster: "كارثة طبيعية", attack: "هجوم على الشبكة", maintenance: "صيانة", "war-damage": "أضرار حرب", technical: "عطل فني",
  campaign: "يتكرر في الساعة المحلية نفسها", elsewhere: "هبوط متزامن في أماكن أخرى",
  "source-failure": "تعطّل المصدر نفسه: هبطت إشارته في عدة بلدان في وقت واحد.",
  "shared-cause": "السبب واحد على الأرجح، ككابل مثلًا: هبطت بلدان مجاورة على النحو نفسه.",
  "set-aside": "مُستبعَد", mobile: "شبكات الهاتف المحمول فقط", broadband: "الخطوط الثابتة فقط",
  history: "المراجعات", incident: "حادثة واحدة مع", flags: "شكوك",
  changed: "{place}: {level}", data: "البيانات", feed: "خلاصة", api: "API",
};

const fa = {
  name: "فارسی",
  title: "قطعی‌های اینترنت",
  tagline: "اینترنت کجا قطع شد و از کجا می‌دانیم",
  live: "زنده", connecting: "در حال اتصال …", offline: "بدون اتصال",
  report: "گزارش قطعی", language: "زبان", skip: "رفتن به فهرست",
  map: "نقشهٔ جهان با قطعی‌ها", mapHelp: "کلیدهای جهت نقشه را جابه‌جا و مثبت و منفی بزرگ‌نمایی می‌کنند. فهرست همان قطعی‌ها را دارد.",
  zoomIn: "بزرگ‌نمایی", zoomOut: "کوچک‌نمایی", whole: "همهٔ جهان",
  timeline: "زمان", from: "از", until: "تا", day: "۲۴ ساعت گذشته", week: "۷ روز", month: "۳۰ روز", all: "همه",
  levels: "سطح‌ها", country: "کشور", anyCountry: "همهٔ کشورها",
  corroborated: "تأییدشده", measured: "اندازه‌گیری‌شده", reported: "گزارش‌شده", contradicted: "نقض‌شده",
  corroboratedHelp: "اندازه‌گیری و از منابع مستقل گزارش شده", measuredHelp: "اندازه‌گیری شده، کسی گزارش نکرده",
  reportedHelp: "گزارش شده، بدون اندازه‌گیری قابل استفاده", contradictedHelp: "گزارش شده، اما اندازه‌گیری‌ها عادی مانده‌اند",
  list: "قطعی‌ها", count: "{n} قطعی", one: "۱ قطعی", none: "در این بازه چیزی دانسته نیست.", more: "بیشتر",
  newest: "در ۲۴ ساعت گذشته چیزی نیست. نمایش: پیرامون تازه‌ترین مورد.",
  back: "بازگشت به فهرست", notFound: "قطعی‌ای با این شناسه نیست.",
  open: "هنوز تمام نشده", closed: "تمام شده", merged: "ادغام‌شده", retracted: "پس‌گرفته", heir: "اکنون بخشی از قطعی دیگری است.",
  local: "وقت محلی", utc: "UTC", since: "از {a}", plusminus: "± {n} دقیقه", daysOnly: "ساعت نامعلوم",
  national: "تمام کشور", regional: "منطقه", localScope: "محلی", full: "همه‌چیز قطع", service: "برخی سرویس‌ها", throttling: "کندسازی",
  missing: "چه چیزی کم است", normal: "افتی نیست: همهٔ سری‌های این مکان عادی مانده‌اند.",
  missingSeries: "سری‌های این مکان موجود نبودند و چیزی نمی‌گویند.", coarse: "فقط سری‌های مکان‌های بزرگ‌تر هست: بسیار درشت.",
  noSeries: "در آن زمان سری‌ای از این مکان نیست.",
  falseAlarms: "هشدارهای نادرست مورد انتظار با این شدت در سال",
  why: "چرا", signals: "سیگنال‌ها، گزارش‌ها و اعتراض‌ها", noSignals: "اندازه‌گیری‌ای از این مکان در دست نیست.",
  value: "اندازه‌گیری", baseline: "سطح عادی", outage: "افت", claims: "گزارش‌ها", protests: "اعتراض‌ها",
  evidence: "شواهد", source: "منبع", link: "پیوند", role: "نقش", supports: "موافق", contradicts: "مخالف", acknowledges: "پذیرفته", context: "زمینه",
  happened: "احتمال رخ دادن", happenedHelp: "اینکه اتصال واقعاً قطع یا ضعیف شده باشد",
  onPurpose: "احتمال عمدی بودن، اگر رخ داده باشد", onPurposeHelp: "اگر رخ داده باشد، اینکه کسی آن را تصمیم گرفته باشد", probability: "هر دو با هم",
  above: "بیش از {n}", below: "کمتر از {n}", likely: "رخ‌داده {a} · عمدی {b}", orders: "دستور یا اذعان",
  explanations: "توضیح‌های دیگر", denied: "تکذیب", causes: "علت‌های دیگر",
  power: "قطع برق", cable: "آسیب کابل", disaster: "بلای طبیعی", attack: "حمله به شبکه", maintenance: "تعمیر و نگهداری", "war-damage": "آسیب جنگ", technical: "نقص فنی",
  campaign: "در همان ساعت محلی تکرار می‌شود", elsewhere: "افت هم‌زمان در جاهای دیگر",
  "source-failure": "خود منبع از کار افتاد: سیگنال آن در چند کشور هم‌زمان افت کرد.",
  "shared-cause": "به احتمال زیاد یک علت دارد، مانند کابل: کشورهای همسایه هم به همین شکل افت کردند.",
  "set-aside": "کنار گذاشته", mobile: "فقط تلفن همراه", broadband: "فقط خطوط ثابت",
  history: "بازبینی‌ها", incident: "یک رویداد همراه با", flags: "تردیدها",
  changed: "{place}: {level}", data: "داده‌ها", feed: "خوراک", api: "API",
};

export const LANGUAGES = { en, ru, fr, ar, fa };
export const RTL = new Set(["ar", "fa"]);
export { LEVELS };

export function chooseLanguage(wanted, liked) {
  for (const code of [wanted, ...liked.map((one) => one.slice(0, 2))]) if (code in LANGUAGES) return code;
  return "en";
}

export function speaker(code, locale = code) {
  const words = LANGUAGES[code];
  const dates = new Map();
  const names = new Intl.DisplayNames([code], { type: "region" });
  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const format = (zone, options) => {
    const key = zone + JSON.stringify(options);
    if (!dates.has(key)) {
      let made;
      try { made = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }); }
      catch { made = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }); }
      dates.set(key, made);
    }
    return dates.get(key);
  };
  const DAY = { year: "numeric", month: "short", day: "numeric" };
  const MINUTE = { ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return {
    code,
    say,
    country: (iso) => { try { return names.of(iso); } catch { return iso; } },
    number: (value, options) => new Intl.NumberFormat(locale, options).format(value),
    // A probability: never more certain than it can be.
    share(value) {
      const percent = (share) => new Intl.NumberFormat(locale, { style: "percent" }).format(share);
      return value > 0.99 ? say("above", { n: percent(0.99) }) : value < 0.01 ? say("below", { n: percent(0.01) }) : percent(value);
    },
    day: (seconds, zone = "UTC") => format(zone, DAY).format(seconds * 1000),
    moment: (seconds, zone = "UTC") => format(zone, MINUTE).format(seconds * 1000),
    // A span: only its days where no more is known, else to the minute.
    span(one, zone) {
      const options = one.precision === "day" ? DAY : MINUTE;
      const end = one.until_s === null ? null : one.until_s - (one.precision === "day" ? 1 : 0);
      if (end === null) return say("since", { a: format(zone, options).format(one.from_s * 1000) });
      return format(zone, options).formatRange(one.from_s * 1000, end * 1000);
    },
    place: (one) => (one.place.kind === "country" ? names.of(one.country) : one.place.name),
  };
}
