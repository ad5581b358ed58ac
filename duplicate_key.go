package mainstay

import (
	"strings"
	"unicode"
)

// The keys below fold what people write in different ways into one text, so that
// equal keys mean the same thing. An empty key is no evidence of anything.

// legalForms are words that end the name of a company and don't tell two apart.
var legalForms = wordSet(`inc incorporated llc llp lllp lp ltd limited corp corporation co company plc pc pllc pty pte pvt gmbh ggmbh ag kg kgaa ohg gbr ug
	ev eg se sa sas sarl srl spa snc sl slu bv nv vof cv ab as asa aps oy oyj kft zrt sro doo dd ltda eirl bhd sdn the`)

// NameKey folds the name of an organization: case, accents, punctuation, spacing,
// "and" for "&", a leading "The" and the legal form at the end don't matter.
func NameKey(name string) string {
	words := strings.Fields(plainWords(name))
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	whole := len(words)
	for n := whole - 1; n > 0 && (legalForms[words[n]] || n < whole-1 && words[n] == "and"); n-- {
		words = words[:n]
	}
	return strings.Join(words, "")
}

// CodeKey folds the id that people give a company in their PSA.
func CodeKey(code string) string {
	key := strings.Join(strings.Fields(plainWords(code)), "")
	if len(key) < 2 {
		return ""
	}
	return key
}

// Email providers whose domains belong to nobody in particular: by their whole
// name, and by the word before the country.
var (
	publicDomains = wordSet(`aol.com icloud.com me.com mac.com proton.me protonmail.com pm.me mail.com email.com inbox.com zoho.com fastmail.com hey.com tutanota.com
		rocketmail.com ymail.com qq.com 163.com 126.com sina.com naver.com daum.net rediffmail.com mail.ru bk.ru list.ru inbox.ru web.de freenet.de t-online.de
		orange.fr wanadoo.fr free.fr sfr.fr laposte.net libero.it virgilio.it tiscali.it alice.it ziggo.nl kpnmail.nl planet.nl telenet.be skynet.be bluewin.ch
		eircom.net btinternet.com ntlworld.com sky.com talktalk.net virginmedia.com bigpond.com optusnet.com.au xtra.co.nz comcast.net verizon.net att.net
		sbcglobal.net bellsouth.net cox.net charter.net earthlink.net optonline.net frontier.com windstream.net centurylink.net roadrunner.com rr.com juno.com
		netzero.net shaw.ca rogers.com sympatico.ca telus.net videotron.ca uol.com.br bol.com.br terra.com.br seznam.cz wp.pl o2.pl onet.pl interia.pl
		facebook.com m.facebook.com linkedin.com instagram.com twitter.com x.com youtube.com tiktok.com google.com sites.google.com`)
	publicBrands = wordSet("gmail googlemail yahoo hotmail outlook live msn gmx yandex")
)

// DomainKey folds a web address, or the domain of an email address, to the host
// without "www.". Public mail and page providers, bare words and numbers have none.
func DomainKey(address string) string {
	host := strings.ToLower(strings.TrimSpace(address))
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host = rest
	}
	if end := strings.IndexAny(host, "/?#:, \t"); end >= 0 {
		host = host[:end]
	}
	host = strings.TrimPrefix(strings.TrimSuffix(host, "."), "www.")
	labels := strings.Split(host, ".")
	if len(labels) < 2 || publicDomains[host] || publicBrands[labels[0]] && (len(labels) == 2 || len(labels) == 3 && len(labels[1]) <= 3) {
		return ""
	}
	for _, l := range labels {
		if l == "" || strings.ContainsFunc(l, func(r rune) bool {
			return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}) {
			return ""
		}
	}
	if !strings.ContainsFunc(labels[len(labels)-1], unicode.IsLetter) {
		return ""
	}
	return host
}

// How many digits a phone number needs to say whose it is: fewer lack the area.
const (
	nationalDigits = 9 // without a country code, a leading 0 included
	worldDigits    = 7 // after the country code
	phoneDigits    = 10
)

// PhoneKey folds a phone number to the last ten digits after the country code.
// Extensions, trunk zeros and ways to write don't matter. Numbers without an area
// and those that only fill a box, such as 000-000-0000, have none.
func PhoneKey(number string) string {
	digits, world := phoneParts(number)
	enough := len(digits) >= nationalDigits
	if world {
		digits = digits[min(countryDigits(digits), len(digits)):]
		enough = len(strings.TrimLeft(digits, "0")) >= worldDigits
	}
	digits = strings.TrimLeft(digits, "0")
	if !world && len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	if len(digits) > phoneDigits {
		digits = digits[len(digits)-phoneDigits:]
	}
	if !enough || strings.Trim(digits, digits[:min(1, len(digits))]) == "" || strings.Contains("12345678901234567890", digits) {
		return ""
	}
	return digits
}

// phoneParts returns the digits of a number without its extension, and whether
// they begin with the code of a country.
func phoneParts(number string) (digits string, world bool) {
	number = strings.TrimSpace(number)
	world = strings.HasPrefix(number, "+")
	if world {
		number = strings.Replace(number, "(0)", "", 1)
	}
	var b strings.Builder
	for _, r := range number {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() >= worldDigits && (unicode.IsLetter(r) || strings.ContainsRune("#;,/", r)) {
			break
		}
	}
	digits = b.String()
	for _, exit := range []string{"011", "00"} {
		if rest, ok := strings.CutPrefix(digits, exit); ok && !world && len(rest) > phoneDigits-1 {
			return rest, true
		}
	}
	return digits, world
}

// twoDigitCountries are the country codes of two digits in the plan of the ITU;
// 1 and 7 have one, all others three.
var twoDigitCountries = wordSet(`20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98`)

// countryDigits is how many digits the code of the country has with which a
// number begins.
func countryDigits(digits string) int {
	switch {
	case strings.HasPrefix(digits, "1") || strings.HasPrefix(digits, "7"):
		return 1
	case len(digits) >= 2 && twoDigitCountries[digits[:2]]:
		return 2
	}
	return 3
}

// streetWords are short forms of words in addresses.
var streetWords = map[string]string{"street": "st", "saint": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr", "lane": "ln", "boulevard": "blvd", "court": "ct",
	"place": "pl", "square": "sq", "highway": "hwy", "parkway": "pkwy", "terrace": "ter", "circle": "cir", "suite": "ste", "floor": "fl", "building": "bldg", "apartment": "apt",
	"north": "n", "south": "s", "east": "e", "west": "w", "mount": "mt", "fort": "ft", "number": "no"}

// shortestStreet is how many letters and digits the first line of an address needs.
const shortestStreet = 4

// AddressKey folds the first line of an address with its postal code; it needs
// both. The ending of a ZIP+4 code doesn't matter.
func AddressKey(street, postal string) string {
	words := strings.Fields(plainWords(street))
	for n, w := range words {
		if short, ok := streetWords[w]; ok {
			words[n] = short
		} else if stem, ok := strings.CutSuffix(w, "strasse"); ok {
			words[n] = stem + "str"
		}
	}
	line, code := strings.Join(words, " "), strings.Join(strings.Fields(plainWords(postal)), "")
	if len(code) == 9 && strings.Trim(code, "0123456789") == "" {
		code = code[:5]
	}
	if code == "" || len(strings.ReplaceAll(line, " ", "")) < shortestStreet {
		return ""
	}
	return line + "|" + code
}

// plainLetters are the letters of Latin alphabets without their accents.
var plainLetters = func() map[rune]string {
	out := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th"}
	for plain, accented := range map[string]string{"a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ",
		"l": "ĺļľŀł", "n": "ñńņň", "o": "òóôõöøōŏőǒ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűųǔ", "w": "ŵ", "y": "ýÿŷ", "z": "źżž"} {
		for _, r := range accented {
			out[r] = plain
		}
	}
	return out
}()

// plainWords writes a text in lower case without accents and punctuation, with
// spaces between its words. Dots and apostrophes join, so that "L.L.C." is a word.
func plainWords(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		plain, accented := plainLetters[r]
		switch {
		case accented:
			b.WriteString(plain)
		case r >= '\u0300' && r <= '\u036f' || strings.ContainsRune(".'`’‘", r):
			// An accent that stands by itself, or a sign that joins.
		case r == '&' || r == '+':
			b.WriteString(" and ")
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
