"""What people type, and what of the catalogue they mean by it; written by hand.

A name such as `noon.2` is a brand's second reward, `noon` all three, `*.1` every gift card.
Nothing behind the arrow means that nothing may be found.
"""

from collections.abc import Iterator, Mapping

from tests.catalog.search.queries_of_the_world import (
    IN_GREEK_AND_CYRILLIC,
    IN_HEBREW_PERSIAN_AND_URDU,
    IN_LATIN,
    WITHOUT_SPACES,
)

_AS_WRITTEN = """
starbucks => starbucks
noon => noon
amazon => amazon
Carrefour => carrefour
netflix => netflix
sephora => sephora
adidas => adidas
zara => zara
falcon air => falcon
pearl spa => pearl
dune riders => dune
wave pool => oasis.3
poetry evening => lantern.2
evening => jarir.3 lantern.2 comet.3
gaming => arcade comet
gaming card => arcade comet.1
coffee => starbucks sabah creme
saffron => majlis.2
karak tea => majlis.3
dates => sabah.3 nakheel
misk => misk
lamp => mishkat.2 shams.2
weekend => safwa.2 ghazal.3
dinner => albaik.3 zaatar.3 safwa.3
breakfast => talabat.3 creme.3 zaatar.2
class => carrefour.3 dominos.3 lulu.3 najm.3
workshop => starbucks.2 yasmin.3 mishkat.3
express => souq barq.3
delivery card => noon.3 talabat.2 talabat.3
rose water => oud.3
water => oasis oud.3
bike => careem.3 dune.2
ستاربكس => starbucks
نون => noon
أمازون => amazon
جرير => jarir
البيك => albaik
طلبات => talabat
سبوتيفاي => spotify
أديداس => adidas
طيران الصقر => falcon
حديقة النخيل => palm
سبا اللؤلؤة => pearl
قصر العود => oud
قصص الأطفال => lantern.3
أمسية => jarir.3 lantern.2 comet.3
عشاء => albaik.3 zaatar.3 safwa.3
تمر => nakheel.2 nakheel.3
تمور => sabah.3 nakheel
ورشة => starbucks.2 yasmin.3 mishkat.3
درس => carrefour.3 sephora.2 dominos.3 lulu.3 oasis.3 najm.3
رحلة => falcon.3 marjan.3
المطار => careem.2 falcon.2
نهاية الأسبوع => safwa.2 ghazal.3
اشتراك => netflix.2 spotify.2
وجبة => albaik.2 majlis.2 qasr.3 bahr.2 burger.2
باقة => yasmin.2 rimal.2 rimal.3
صينية بقلاوة => halwa.3
كوميت => comet
بكسل أركيد => arcade
مكتبة الفانوس => lantern
محمصة => sabah
المجلس => majlis
سوق إكسبرس => souq
مرجان => marjan
صيدلية => hilal
نادي => wadi comet.3
ألبان => rawabi
ركن الحلوى => halwa
زهور => yasmin
ليان => layan
أسماك => bahr
فندق => safwa
مصباح => shams.2
شمس => shams
خيط الحرير => thread
نجم => najm
عطور المسك => misk
دروب طويق => tuwaiq
تذوق => sabah.2 creme.2
وجبة العائلة => albaik.2
ضغط الدم => hilal.3
مقعدان => qasr.2
تفصيل => thread.3
غسيل => ghazal.2
مخيم => tuwaiq.3
"""

# Arabic as it is typed: hamza, taa marbuta, alef maqsura, vowel signs, tatweel, articles, digits.
_NORMALISED = """
امازون => amazon
آمازون => amazon
إمازون => amazon
اديداس => adidas
قهوة => sabah.2
قهوه => sabah.2
قَهْوَة => sabah.2
قهـــوة => sabah.2
القهوة => sabah.2
والقهوة => sabah.2
بالقهوة => sabah.2
حمام مغربي => pearl.3
حمّام مغربى => pearl.3
حديقه النخيل => palm
حديقة نخيل => palm
مشكاه => mishkat
٥٠ => arcade.2
۵۰ => arcade.2
50 => arcade.2
٢٠٠ => arcade.3
200 => arcade.3
باقة بيانات 10 => rimal.2
سكرى => nakheel.2
موسيقي => spotify.2
الموسيقي => spotify.2
لؤلؤة => pearl
الاطفال => lantern.3 layan
للاطفال => lantern.3 layan
أطفال => lantern.3 layan
بَيْت الزَّعْتَر => zaatar
الاسبوع => carrefour.2 safwa.2 ghazal.3
إلكترونيات => noon.2
الكترونيات => noon.2
ألعاب => arcade.2 arcade.3 oasis layan.2
القصر => oud qasr
قصر => oud qasr
فطور => talabat.3 creme.3 zaatar.2
ورد => oud.3 yasmin.2
توصيل => noon.3 talabat.2 talabat.3 souq.2 barq
عطور => sephora.3 misk
دراجات => careem.3
كره القدم => adidas.3
احذيه الجري => adidas.2
سياره => ghazal.2
اقامة => safwa.2
ارز => majlis.2
نادی الوادی => wadi
کافیه کریم => creme
ركوب الدراجه => dune.2
مجلس => majlis
غوص => marjan
حلوى => halwa
سينما => qasr netflix.3
مصابيح => mishkat.2
بخور => oud.2
عائله => albaik.2
مناقيش => zaatar.2
مشاوي => zaatar.3
زعفران => majlis.2
شاي => majlis.3
بهارات => souq.3
سباقات => comet.2
شطرنج => comet.3
سباحه => wadi.3
حليب => rawabi.2
مزرعة => rawabi.3
شوكولاته => nakheel.3
كنافه => halwa.2
رسم => layan.3
فشار => qasr.3
هامور => bahr.2
شموع => mishkat.3
دقايق => rimal.3
بطاطس => burger.3
عباءات => thread.2
ملاكمة => najm.3
عنبر => misk.3
طرود => barq.2
CAFÉ CREME => creme
cafe creme => creme
eclair => creme.2
Éclair Tasting => creme.2
domino's => dominos
dominos => dominos
Domino’s => dominos
STARBUCKS => starbucks
ＮＯＯＮ => noon
ﻧﻮﻥ => noon
"""

_IN_BOTH_SCRIPTS = """
بطاقة Starbucks => starbucks.1
gift card ستاربكس => starbucks.1
Amazon رصيد => amazon.2
noon بطاقة => noon
card نون => noon
بطاقة noon توصيل => noon.3
هدايا jarir => jarir.1
netflix اشتراك => netflix.2
Spotify الموسيقى => spotify.2
adidas أحذية => adidas.2
pizza درس => dominos.3
coffee قهوة => sabah.2
Gaming ٥٠ => arcade.2
ألعاب 200 => arcade.3
card ٥٠ => arcade.2
data باقة => rimal.2
Misk عطر => misk.3
Palm نخيل => palm
spa مساج => pearl.2
البيك family => albaik.2
al baik وجبة => albaik.2
weekend إقامة => safwa.2
Hilal فيتامينات => hilal.2
Falcon رحلة => falcon.3
كافيه Crème => creme
Oud بخور => oud.2
مرجان diving => marjan.2
yoga الوادي => wadi.2
Najm ملاكمة => najm.3
كنافة card => halwa.2
Layan ألعاب => layan.2
دراجة bike => dune.2
Tuwaiq مخيم => tuwaiq.3
hotels ليلة => palm.2
"""

# Brands named in one script only, or otherwise in the other. What sounds alike and means something
# else is found behind what was meant: the stars behind their camp.
_BY_SOUND = """
كارفور => carrefour
كريم => creme careem
نتفليكس => netflix
سيفورا => sephora
دومينوز => dominos
زارا => zara
برغر => burger
بورغر => burger
jarir => jarir
jareer => jarir
talabat => talabat
talabaat => talabat
lulu => lulu
adidaas => adidas
amazoon => amazon
nun => noon
albeik => albaik
albaik => albaik
al baik => albaik
el baik => albaik
kasr => oud qasr
zatar => zaatar
yasmine => yasmin
hilaal => hilal
ghazaal => ghazal
marjaan => marjan
mishkah => mishkat
tuwayq => tuwaiq
mesk => misk
cream => creme
فالكون => falcon
بالم => palm
بيكسل => arcade
بيرل => pearl
دون => dune
رايدرز => dune
هوتيل => safwa
بوكس => lantern
النجوم => tuwaiq.3 najm
"""

_MISTYPED = """
starbuks => starbucks
starbcuks => starbucks
amazn => amazon
netflx => netflix
netlfix => netflix
carefour => carrefour
carrefoor => carrefour
sephra => sephora
adibas => adidas
zarra => zara
domnios => dominos
spotfy => spotify
cofee => starbucks sabah creme
brekfast => talabat.3 creme.3 zaatar.2
delivry card => noon.3 talabat.2 talabat.3
massge => pearl.2
concret ticket => spotify.3
weeknd => safwa.2 ghazal.3
chokolate => nakheel.3
kunaffa => halwa.2
perfmue => sephora.3 misk.3
ستاربوكس => starbucks
ستربكس => starbucks
ستاربس => starbucks
امزون => amazon
طلابات => talabat
طلبت => talabat
الكنفة => halwa.2
روبان => albaik.3
شكولاتة => nakheel.3
عطوور => sephora.3 misk
زعتتر => zaatar
يوجا => wadi.2
"""

# The last word may still be growing: لولو begins لولوة too.
_BEGUN = """
starb => starbucks
star => starbucks tuwaiq.3
ama => amazon
am => amazon misk.3
ستار => starbucks
أماز => amazon
coffe => starbucks sabah creme
طلب => talabat
بقل => halwa.3
gift ca => *.1
بطاقة هد => *.1
swim => wadi.3
per => sephora.3 misk najm.2
perfume => sephora.3 misk
hotel => palm safwa
يوغ => wadi.2
pix => arcade
desert fl => falcon.3
air => falcon careem.2
لولو => lulu pearl
"""

_IN_SENTENCES = """
بطاقة هدايا من ستاربكس => starbucks.1
gift card from the amazon => amazon.1
card for zara => zara.1 zara.2
night for two => palm.2
coffee and dates => sabah.3
meal family => albaik.2
درس في الطبخ => carrefour.3
"""

# قرض sounds like card, which is no brand; nine and نون have the same consonants.
_NOT_THERE = """
xylophone =>
غواصة نووية =>
starbucks pizza =>
نون قهوة =>
bank loan =>
nine =>
nana =>
nokia =>
sushi =>
prime pizza =>
٩٩٩ =>
عقار =>
بنك =>
سفينة =>
laptop =>
قرض =>
insurance =>
the =>
"""

_UNSEEN_SIGNS = (
    ("star\u200bbucks", "starbucks"),
    ("\u200f\u0646\u0648\u0646\u200f", "noon"),
    ("\u0646\u200c\u0648\u0646", "noon"),
    ("\u202bnoon\u202c", "noon"),
    ("noon \U0001f381", "noon"),
    ("cafe\u0301", "creme"),
)


def _read(lines: str) -> Iterator[tuple[str, str]]:
    for line in lines.strip().splitlines():
        query, _, names = line.partition("=>")
        yield query.strip(), names.strip()


QUERIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "as written": tuple(_read(_AS_WRITTEN)),
    "normalised": tuple(_read(_NORMALISED)),
    "in both scripts": tuple(_read(_IN_BOTH_SCRIPTS)),
    "by sound": tuple(_read(_BY_SOUND)),
    "mistyped": tuple(_read(_MISTYPED)),
    "begun": tuple(_read(_BEGUN)),
    "in sentences": tuple(_read(_IN_SENTENCES)),
    "in Latin": tuple(_read(IN_LATIN)),
    "in Greek and Cyrillic": tuple(_read(IN_GREEK_AND_CYRILLIC)),
    "without spaces": tuple(_read(WITHOUT_SPACES)),
    "in Hebrew, Persian and Urdu": tuple(_read(IN_HEBREW_PERSIAN_AND_URDU)),
    "not there": tuple(_read(_NOT_THERE)),
    "unseen signs": _UNSEEN_SIGNS,
}
