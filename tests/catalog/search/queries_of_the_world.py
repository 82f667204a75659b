"""What people type in other languages than English and Arabic, written as in `queries`."""

# Accents, umlauts in either spelling, the Turkish i with and without its dot, and ß.
IN_LATIN = """
degustation => sabah.2
DÉGUSTATION du matin => sabah.2
a l’arabe => sabah.2
soiree façon maitre => zaatar.3
grillee => zaatar.3
anfänger => lulu.3
anfanger => lulu.3
anfaenger => lulu.3
Münchner Strasse => lulu.3
muenchner straße => lulu.3
munch => lulu.3
MUELLER => najm.2
muller => najm.2
uebungsstunde => najm.2
smorrebrod => shams.2
smoerrebroed på => shams.2
osterbro => shams.2
Østerbro pa => shams.2
ISIL => wadi.2
ışıl => wadi.2
isparta => wadi.2
ıspartada => wadi.2
izmir => tuwaiq.2
İZMİR => tuwaiq.2
yuruyus => tuwaiq.2
lodzi => palm.2
zrodla łodzi => palm.2
ky nghi dac biet => safwa.2
đặc biệt => safwa.2
"""

IN_GREEK_AND_CYRILLIC = """
δισκος => halwa.3
ΔΊΣΚΟΣ => halwa.3
μπακλαβα => halwa.3
курс дайвинга => marjan.2
НОВИЧКОВ => marjan.2
звездный лагерь => tuwaiq.3
ЗВЁЗДНЫЙ => tuwaiq.3
лагер => tuwaiq.3
ганок => halwa.2
солодощів => halwa.2
новчиков => marjan.2
старбакс =>
"""

# By pairs of signs; a sign alone finds all that it stands in. 礼 is not 禮, nor 품 품목.
WITHOUT_SPACES = """
バリスタ => starbucks.2
ばりすた => starbucks.2
ﾊﾞﾘｽﾀ => starbucks.2
体験 => starbucks.2
ラテ => starbucks.3
引換券 => starbucks.3
アイスラテ引換券 => starbucks.3
茶 => majlis.3
抹茶 => majlis.3
茶抹 =>
抹茶ラテ =>
礼品卡 => noon.2
禮品卡 => noon.3
品 => noon.2 noon.3
卡 => noon.2 noon.3
电子 礼品 => noon.2
電子 =>
noon 礼品卡 => noon.2
시뮬레이터 => comet.2
레이싱 이용권 => comet.2
이용권 => comet.2
카드 =>
นวด => pearl.2
ผ่อนคลาย => pearl.2
ชั่วโมง => pearl.2
อาหาร =>
"""

IN_HEBREW_PERSIAN_AND_URDU = """
אגרוף => najm.3
אגרופ => najm.3
אגרו => najm.3
השיעור => najm.3
שיעור למתחילים => najm.3
ציור => layan.3
הציור => layan.3
ציפס => layan.3
צ'יפס => layan.3
شب شعر => lantern.2
كتابخواني => lantern.2
کتاب‌خوانی => lantern.2 lantern.3
کتاب‌ها => lantern.2 lantern.3
کتابهای کودکان => lantern.3
كتابهاي كودكان => lantern.3
کتاب های کودکان => lantern.3
کتاب => lantern.2 lantern.3
زعفراني چاول => majlis.2
زعفرانی چاول کا کھانا => majlis.2
كهانا => majlis.2
چائے => zaatar.2
چائی => zaatar.2
ناشتے میں => zaatar.2
ناشتي مين => zaatar.2
"""
