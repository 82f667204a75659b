"""A small catalogue to search: fifty brands with three rewards each, in English and Arabic, some
of them in other languages too.

Some brands have a name in one of the languages only, as a supplier gives it. The first reward of
each is its gift card; the second and third have the titles that stand here.
"""

from dataclasses import dataclass

_NONE = "-"
CARD = {"en": "Gift card", "ar": "بطاقة هدايا"}

# key | name | name in Arabic | category | second and third title, each in both languages
_LINES = """
starbucks|Starbucks|ستاربكس|Coffee|Barista workshop|ورشة الباريستا|Iced latte voucher|قسيمة لاتيه مثلج
noon|Noon|نون|Shopping|Electronics card|بطاقة الإلكترونيات|Grocery delivery card|بطاقة توصيل البقالة
amazon|Amazon|أمازون|Shopping|Novels credit|رصيد الروايات|Prime membership|عضوية برايم
carrefour|Carrefour|-|Supermarket|Weekly basket card|بطاقة سلة الأسبوع|Cooking class|درس الطبخ
jarir|-|جرير|Books|School supplies card|بطاقة مستلزمات المدرسة|Story evening|أمسية القصص
albaik|Al Baik|البيك|Restaurants|Family meal card|بطاقة وجبة العائلة|Shrimp dinner|عشاء الروبيان
careem|Careem|-|Transport|Airport ride card|بطاقة مشوار المطار|City bike tour|جولة الدراجات
talabat|-|طلبات|Restaurants|Lunch delivery card|بطاقة توصيل الغداء|Breakfast delivery card|بطاقة توصيل الفطور
netflix|Netflix|-|Entertainment|Three months subscription|اشتراك ثلاثة أشهر|Cinema night|ليلة السينما
spotify|Spotify|سبوتيفاي|Entertainment|Music subscription|اشتراك الموسيقى|Concert ticket|تذكرة الحفل
sephora|Sephora|-|Beauty|Makeup lesson|درس المكياج|Perfume card|بطاقة العطور
adidas|Adidas|أديداس|Sports|Running shoes card|بطاقة أحذية الجري|Football training|تدريب كرة القدم
dominos|Domino's|-|Restaurants|Large pizza card|بطاقة بيتزا كبيرة|Pizza making class|درس صنع البيتزا
zara|Zara|-|Fashion|Winter coats card|بطاقة معاطف الشتاء|Styling session|جلسة تنسيق الملابس
lulu|-|لولو|Supermarket|Fresh fruit card|بطاقة الفواكه الطازجة|Bread baking class|درس خبز الخبز
falcon|Falcon Air|طيران الصقر|Travel|Lounge access|دخول صالة المطار|Desert flight|رحلة فوق الصحراء
sabah|Morning Roastery|محمصة الصباح|Coffee|Arabic coffee tasting|تذوق القهوة العربية|Dates box|علبة تمور
palm|Palm Garden|حديقة النخيل|Hotels|Night for two|ليلة لشخصين|Friday brunch|برنش الجمعة
pearl|Pearl Spa|سبا اللؤلؤة|Wellness|Massage hour|ساعة مساج|Moroccan bath|حمّام مغربي
dune|Dune Riders|فرسان الكثبان|Adventure|Quad bike ride|ركوب الدراجة الرباعية|Camel trek|قافلة الجمال
oasis|Oasis Water Park|واحة الألعاب المائية|Adventure|Day pass|تذكرة يوم كامل|Wave pool lesson|درس في مسبح الأمواج
lantern|Lantern Books|مكتبة الفانوس|Books|Poetry evening|أمسية الشعر|Children stories card|بطاقة قصص الأطفال
creme|Café Crème|كافيه كريم|Coffee|Éclair tasting|تذوق الإكلير|Croissant breakfast|فطور الكرواسون
zaatar|Zaatar House|بيت الزعتر|Restaurants|Manakish breakfast|فطور المناقيش|Grill dinner|عشاء المشاوي
oud|Oud Palace|قصر العود|Beauty|Incense card|بطاقة البخور|Rose water set|طقم ماء الورد
majlis|Majlis|المجلس|Restaurants|Saffron rice meal|وجبة أرز بالزعفران|Karak tea card|بطاقة شاي الكرك
souq|Souq Express|سوق إكسبرس|Shopping|Same day delivery|توصيل في نفس اليوم|Spices card|بطاقة البهارات
arcade|Pixel Arcade|بكسل أركيد|Gaming|Gaming card 50|بطاقة ألعاب ٥٠|Gaming card 200|بطاقة ألعاب ٢٠٠
comet|Comet Games|كوميت|Gaming|Racing simulator|محاكي السباقات|Chess club evening|أمسية نادي الشطرنج
marjan|Marjan Dive|مرجان للغوص|Adventure|Diving course|دورة الغوص|Snorkel trip|رحلة سنوركل
hilal|Hilal Pharmacy|صيدلية الهلال|Health|Vitamin card|بطاقة الفيتامينات|Blood pressure check|فحص ضغط الدم
wadi|Wadi Gym|نادي الوادي|Sports|Yoga month|شهر يوغا|Swimming lessons|دروس السباحة
rawabi|Rawabi Dairy|ألبان الروابي|Supermarket|Milk card|بطاقة الحليب|Farm visit|زيارة المزرعة
nakheel|Nakheel Dates|تمور النخلة|Sweets|Sukkari dates|تمر سكري|Chocolate dates|تمر بالشوكولاتة
halwa|Halwa Corner|ركن الحلوى|Sweets|Kunafa card|بطاقة الكنافة|Baklava tray|صينية بقلاوة
yasmin|Yasmin Flowers|زهور الياسمين|Flowers|Bouquet card|بطاقة باقة الورد|Arranging workshop|ورشة تنسيق الزهور
layan|Layan Kids|ليان للأطفال|Kids|Toy card|بطاقة الألعاب|Painting hour|ساعة الرسم
qasr|Qasr Cinema|سينما القصر|Entertainment|Two seats|مقعدان|Popcorn combo|وجبة الفشار
bahr|Bahr Fish|أسماك البحر|Restaurants|Hamour meal|وجبة الهامور|Sea platter|طبق بحري
safwa|Safwa Hotel|فندق الصفوة|Hotels|Weekend stay|إقامة نهاية الأسبوع|Roof dinner|عشاء على السطح
mishkat|Mishkat|مشكاة|Home|Lamp card|بطاقة المصابيح|Candle workshop|ورشة الشموع
rimal|Rimal Telecom|رمال للاتصالات|Telecom|Data bundle 10|باقة بيانات ١٠|Minutes bundle|باقة دقائق
burger|Burger Stop|-|Restaurants|Double burger meal|وجبة برجر دبل|Fries card|بطاقة البطاطس
shams|Shams Energy|شمس للطاقة|Home|Solar lamp card|بطاقة مصباح شمسي|Battery card|بطاقة البطاريات
thread|Silk Thread|خيط الحرير|Fashion|Abaya card|بطاقة العباءات|Tailoring session|جلسة تفصيل
ghazal|Ghazal Cars|سيارات الغزال|Transport|Car wash|غسيل السيارة|Weekend rental|إيجار نهاية الأسبوع
najm|Najm Fitness|نجم للياقة|Sports|Personal training|تدريب شخصي|Boxing class|درس الملاكمة
misk|Misk Perfumes|عطور المسك|Beauty|Musk set|طقم المسك|Amber perfume|عطر العنبر
barq|Barq Courier|برق للتوصيل|Transport|Parcel card|بطاقة الطرود|Express delivery|توصيل سريع
tuwaiq|Tuwaiq Trails|دروب طويق|Travel|Hiking day|يوم المشي الجبلي|Star camp|مخيم النجوم
"""

# reward | language | its title in that language
_OTHERS = """
sabah.2|fr|Dégustation du matin, à l'arabe
zaatar.3|fr|Soirée grillée façon maître
lulu.3|de|Brotbackkurs für Anfänger, Münchner Straße
najm.2|de|Übungsstunde bei Herrn Müller
shams.2|da|Smørrebrød på Østerbro
wadi.2|tr|Işıl Isparta'da bir ay
tuwaiq.2|tr|İzmir yürüyüşü
palm.2|pl|Nocleg w Łodzi, źródła
safwa.2|vi|Kỳ nghỉ đặc biệt
halwa.3|el|Δίσκος με μπακλαβά
marjan.2|ru|Курс дайвинга для новичков
tuwaiq.3|ru|Звёздный лагерь
halwa.2|uk|Ґанок солодощів
starbucks.2|ja|バリスタ体験
starbucks.3|ja|アイスラテ引換券
majlis.3|ja|抹茶とチャイ
noon.2|zh-Hans|电子产品礼品卡
noon.3|zh-Hant|雜貨外送禮品卡
comet.2|ko|레이싱 시뮬레이터이용권
pearl.2|th|นวดผ่อนคลายหนึ่งชั่วโมง
najm.3|he|שיעור אגרוף למתחילים
layan.3|he|הציור של צ׳יפס
lantern.2|fa|شب شعر و کتاب‌خوانی
lantern.3|fa|کتاب‌های کودکان
majlis.2|ur|زعفرانی چاول کا کھانا
zaatar.2|ur|ناشتے میں چائے
"""


@dataclass(frozen=True)
class Shelf:
    """A brand and its three rewards."""

    key: str
    name: dict[str, str]
    category: str
    titles: tuple[dict[str, str], ...]


def _translated() -> dict[str, dict[str, str]]:
    titles: dict[str, dict[str, str]] = {}
    for line in _OTHERS.strip().splitlines():
        name, locale, title = line.split("|")
        titles.setdefault(name, {})[locale] = title
    return titles


TRANSLATED = _translated()


def _shelf(line: str) -> Shelf:
    key, english, arabic, category, *titles = line.split("|")
    names = {"en": english, "ar": arabic}
    pairs = zip(titles[::2], titles[1::2], strict=True)
    return Shelf(
        key,
        {locale: name for locale, name in names.items() if name != _NONE},
        category,
        (
            CARD,
            *(
                {"en": one, "ar": other, **TRANSLATED.get(f"{key}.{number}", {})}
                for number, (one, other) in enumerate(pairs, start=2)
            ),
        ),
    )


SHELVES = tuple(_shelf(line) for line in _LINES.strip().splitlines())
