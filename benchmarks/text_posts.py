"""How many posts of a channel are read a second of processor time, and what reading a report costs.

    python benchmarks/text_posts.py [--posts 1000] [--rounds 5]

Posts are generated: 300 to 800 letters, in four languages. Sentences of everyday news are drawn at random; names,
numbers and hours in them differ from post to post, so that no cache of whole sentences helps. In one post of ten
somebody writes that the internet is cut, in one of four phones or networks are named for something else. Each
round reads new posts, as `ingest telegram` does: for cuts and for protests. Processor time on shared cores varies
by half; the best round is the least disturbed one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator

from streams.sources.told import Manner, Told, rows
from topics import Reporter

PUBLISHED_S = 1_663_763_400

#: Sentences by language: `{town}`, `{who}`, `{n}` and `{h}` are filled in.
SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "The city council of {town} met for {n} hours and voted on the new water tariff.",
        "{who} told reporters that {n} families had to leave their homes after the river rose.",
        "Traffic on the main road to {town} is slow because of works, drivers should plan {n} more minutes.",
        "Police say {n} people were detained near the central market on Tuesday.",
        "The price of bread went up by {n} percent in a month, traders in {town} complain.",
        "Our team won {n} to 1 and will play in {town} next week.",
        "{who} opened a school for {n} pupils, the second one in the district this year.",
        "A fire broke out in a warehouse at {h}:30, nobody was hurt.",
        "The ministry of health counted {n} new cases of measles, most of them in {town}.",
        "Farmers expect a poor harvest after weeks without rain.",
        "Hospital number {n} asks for blood donors, come between {h} am and noon.",
        "Buses number {n} and 12 change their route until the bridge is repaired.",
        "The court adjourned the case of {who} until the autumn.",
        "Election officials published the list of candidates, {n} of them are women.",
        "Tonight it will be cloudy, with light wind and about {n} degrees.",
    ),
    "ru": (
        "Городской совет {town} заседал {n} часов и утвердил новые тарифы на воду.",
        "{who} рассказал журналистам, что {n} семей пришлось вывезти из домов после подъёма реки.",
        "На дороге к {town} образовалась пробка, водителям советуют выезжать на {n} минут раньше.",
        "По данным полиции, у центрального рынка задержали {n} человек.",
        "Хлеб за месяц подорожал на {n} процентов, жалуются продавцы.",
        "Наша команда выиграла со счётом {n}:1 и на следующей неделе сыграет на выезде.",
        "{who} открыл школу на {n} мест, вторую в районе за этот год.",
        "В {h}:30 загорелся склад, пострадавших нет.",
        "Минздрав сообщил о {n} новых случаях кори, большинство из них в областном центре.",
        "Фермеры ждут плохого урожая после недель без дождя.",
        "Больница номер {n} просит доноров прийти с {h} утра до полудня.",
        "Автобусы {n} и 12 изменят маршрут, пока чинят мост.",
        "Суд отложил дело против {who} до осени.",
        "Избирательная комиссия опубликовала список кандидатов, среди них {n} женщин.",
        "Вечером облачно, слабый ветер, около {n} градусов.",
    ),
    "fr": (
        "Le conseil municipal de {town} a siégé {n} heures et voté le nouveau prix de l'eau.",
        "{who} a expliqué aux journalistes que {n} familles ont quitté leurs maisons après la montée du fleuve.",
        "La circulation vers {town} est difficile à cause des travaux, comptez {n} minutes de plus.",
        "Selon la police, {n} personnes ont été interpellées près du marché central mardi.",
        "Le prix du pain a augmenté de {n} pour cent en un mois, se plaignent les commerçants.",
        "Notre équipe a gagné {n} à 1 et jouera à {town} la semaine prochaine.",
        "{who} a inauguré une école pour {n} élèves, la deuxième du district cette année.",
        "Un incendie s'est déclaré dans un entrepôt à {h}h30, il n'y a pas de blessé.",
        "Le ministère de la santé compte {n} nouveaux cas de rougeole, la plupart à {town}.",
        "Les paysans attendent une mauvaise récolte après des semaines sans pluie.",
        "L'hôpital numéro {n} cherche des donneurs de sang, venez entre {h} heures et midi.",
        "Les bus {n} et 12 changent de trajet jusqu'à la réparation du pont.",
        "Le tribunal a renvoyé l'affaire de {who} à l'automne.",
        "La commission électorale a publié la liste des candidats, dont {n} femmes.",
        "Ce soir le ciel sera couvert, vent faible et environ {n} degrés.",
    ),
    "ar": (
        "اجتمع مجلس مدينة {town} {n} ساعات وصوت على تعرفة المياه الجديدة.",
        "قال {who} للصحفيين إن {n} أسرة غادرت منازلها بعد ارتفاع منسوب النهر.",
        "حركة السير نحو {town} بطيئة بسبب الأشغال، وعلى السائقين احتساب {n} دقيقة إضافية.",
        "أعلنت الشرطة توقيف {n} شخصا قرب السوق المركزي يوم الثلاثاء.",
        "ارتفع سعر الخبز {n} بالمئة خلال شهر، كما يشكو التجار في {town}.",
        "فاز فريقنا {n} مقابل 1 وسيلعب في {town} الأسبوع المقبل.",
        "افتتح {who} مدرسة تتسع لـ {n} تلميذا، وهي الثانية في المنطقة هذا العام.",
        "اندلع حريق في مستودع عند الساعة {h} ولم يصب أحد بأذى.",
        "سجلت وزارة الصحة {n} إصابة جديدة بالحصبة معظمها في {town}.",
        "يتوقع المزارعون محصولا ضعيفا بعد أسابيع من الجفاف.",
        "يطلب المستشفى رقم {n} متبرعين بالدم بين الساعة {h} والظهر.",
        "تغير الحافلات {n} و12 مسارها حتى إصلاح الجسر.",
        "أجلت المحكمة قضية {who} إلى الخريف.",
        "نشرت مفوضية الانتخابات قائمة المرشحين وبينهم {n} امرأة.",
        "الطقس هذا المساء غائم مع رياح خفيفة وحرارة حوالي {n} درجات.",
    ),
}

#: Sentences with words of networks and phones that tell of no cut.
DISTRACTING: dict[str, tuple[str, ...]] = {
    "en": (
        "Call the hotline by phone or write to the web site of the council, {n} people did so last week.",
        "The railway network lost {n} million last year, its director {who} said.",
    ),
    "ru": (
        "Звоните по телефону горячей линии или пишите на сайт мэрии, за неделю обратились {n} человек.",
        "Торговая сеть закрыла {n} магазинов, в связи с этим {who} подал жалобу.",
    ),
    "fr": (
        "Appelez par téléphone ou écrivez sur le site de la mairie, {n} personnes l'ont fait en une semaine.",
        "Le réseau routier a perdu {n} kilomètres à cause des pluies, dit {who}.",
    ),
    "ar": (
        "اتصلوا بهاتف الخط الساخن أو اكتبوا إلى موقع البلدية، وقد فعل ذلك {n} شخصا هذا الأسبوع.",
        "شبكة الطرق خسرت {n} كيلومترا بسبب الأمطار، حسب {who}.",
    ),
}

#: Somebody writes that it is down.
CUTS = {
    "en": "There has been no mobile internet in {town} since {h} am.",
    "ru": "Нет интернета в {town} с {h} утра.",
    "fr": "Pas d'internet à {town} depuis {h} heures du matin.",
    "ar": "انقطع الإنترنت في {town} منذ الساعة {h} صباحا.",
}

TOWNS = {
    "en": [
        "Kampala",
        "Lagos",
        "Harare",
        "Accra",
        "Nairobi",
        "Lusaka",
        "Kumasi",
        "Mombasa",
        "Bulawayo",
        "Jinja",
        "Kaduna",
        "Ndola",
    ],
    "ru": [
        "Самара",
        "Казань",
        "Минск",
        "Брест",
        "Алматы",
        "Бишкек",
        "Омск",
        "Гродно",
        "Пермь",
        "Тверь",
        "Атырау",
        "Ош",
    ],
    "fr": [
        "Dakar",
        "Bamako",
        "Conakry",
        "Abidjan",
        "Niamey",
        "Thiès",
        "Ségou",
        "Kinshasa",
        "Libreville",
        "Cotonou",
        "Sikasso",
        "Bouaké",
    ],
    "ar": [
        "بغداد",
        "الخرطوم",
        "البصرة",
        "الموصل",
        "دمشق",
        "حلب",
        "عدن",
        "تعز",
        "بيروت",
        "القاهرة",
        "نيالا",
        "كسلا",
    ],
}

FIRST = {
    "en": ("Grace", "Samuel", "Joyce", "Peter", "Ruth", "Daniel", "Esther", "Moses", "Irene", "Paul"),
    "ru": ("Марат", "Ольга", "Тимур", "Елена", "Павел", "Айгуль", "Сергей", "Нина", "Данияр", "Вера"),
    "fr": ("Aminata", "Moussa", "Fatou", "Ibrahim", "Aïcha", "Paul", "Mariam", "Cheikh", "Rose", "Seydou"),
    "ar": ("أحمد", "فاطمة", "خالد", "مريم", "يوسف", "ليلى", "سامي", "هدى", "عمر", "نور"),
}

_SYLLABLES = {
    "en": ["ba", "ko", "mi", "ra", "te", "lu", "no", "sa", "wi", "du", "ke", "mo"],
    "ru": ["ба", "ко", "ми", "ра", "те", "лу", "но", "са", "ви", "ду", "ке", "мо"],
    "fr": ["ba", "ko", "mi", "ra", "té", "lu", "no", "sa", "vi", "du", "ké", "mo"],
    "ar": ["با", "كو", "مي", "را", "تا", "لو", "نو", "سا", "وي", "دو", "كا", "مو"],
}

#: One post of so many tells of a cut, and one of so many has words of networks without one.
ABOUT_ONE_OF, DISTRACTING_ONE_OF = 10, 4

SHORTEST, LONGEST = 300, 800


def posts(count: int, seed: int = 1) -> Iterator[str]:
    """Yield `count` posts, the languages in turn."""
    chance = random.Random(seed)  # noqa: S311
    languages = list(SENTENCES)
    for number in range(count):
        language = languages[number % len(languages)]
        yield _post(language, chance)


def _post(language: str, chance: random.Random) -> str:
    wanted = chance.randint(SHORTEST, LONGEST)
    parts: list[str] = []
    if chance.randrange(ABOUT_ONE_OF) == 0:
        parts.append(_filled(CUTS[language], language, chance))
    if chance.randrange(DISTRACTING_ONE_OF) == 0:
        parts.append(_filled(chance.choice(DISTRACTING[language]), language, chance))
    while sum(map(len, parts)) + len(parts) < wanted:
        parts.append(_filled(chance.choice(SENTENCES[language]), language, chance))
    text = " ".join(parts)
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0]


def _filled(sentence: str, language: str, chance: random.Random) -> str:
    syllables = _SYLLABLES[language]
    family = "".join(chance.choice(syllables) for _ in range(chance.randint(2, 4))).capitalize()
    return sentence.format(
        town=chance.choice(TOWNS[language]),
        who=f"{chance.choice(FIRST[language])} {family}",
        n=chance.randint(2, 900),
        h=chance.randint(1, 11),
    )


def read(post: str, number: int) -> int:
    """Read a post as sources do; return the number of rows that it makes."""
    who = Reporter(kind="individual", digest="one hand")
    told = Told(str(number), "posts", post, PUBLISHED_S + number, 0, who)
    return sum(1 for _ in rows(told, Manner(salt=b"of a benchmark"), number))


def speed(read_posts: list[str]) -> float:
    """Return how many posts a second of processor time are read."""
    begun = time.process_time()
    for number, post in enumerate(read_posts):
        read(post, number)
    return len(read_posts) / (time.process_time() - begun)


def main() -> None:
    """Print the speeds of some rounds, and the best."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=1000, help="posts a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each of new posts")
    given = parser.parse_args()
    speed(list(posts(given.posts // 2, seed=0)))
    found = []
    for seed in range(1, given.rounds + 1):
        round_ = list(posts(given.posts, seed))
        found.append(speed(round_))
        letters = sum(map(len, round_)) / len(round_)
        sys.stdout.write(f"{found[-1]:,.0f} posts/s of {letters:.0f} letters\n")
    sys.stdout.write(f"best: {max(found):,.0f} posts/s of processor time\n")


if __name__ == "__main__":
    main()
