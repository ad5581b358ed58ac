package auth

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mainstay"
)

// The length of a password in characters. There are no rules of composition:
// length is what counts.
const (
	MinPassword = 12
	MaxPassword = 256
)

// maxPasswordBytes bounds what is hashed at all.
const maxPasswordBytes = 4 * MaxPassword

//go:embed common.txt
var commonFile string

// commonWords are the pieces that known bad passwords are made of, in lower case.
func commonWords() []string { return strings.Fields(commonFile) }

// rest is how many characters of a password must remain when everything that
// is easy to guess is taken out of it.
const rest = 8

// CheckPassword refuses a new password that is too short, too long or easy to
// guess, also from the person's own words: name, email, company.
func CheckPassword(password string, own ...string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return mainstay.FieldError("password", "The password contains a character that can't be used.")
	case n < MinPassword:
		return mainstay.FieldError("password", "Use at least %d characters. Several words in a row are easy to remember.", MinPassword)
	case n > MaxPassword:
		return mainstay.FieldError("password", "Use at most %d characters.", MaxPassword)
	}
	folded := strings.ToLower(password)
	if distinct(folded) < 5 || isRun(folded) || isRepeat(folded) {
		return mainstay.FieldError("password", "This password follows a pattern, so it is among the first that are tried. Choose another.")
	}
	words := append(wordsOf(own), commonWords()...)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) }) // "welcome" before "com"
	if min(left(folded, words), left(unleet(folded), words)) < rest {
		return mainstay.FieldError("password", "This password is made of a well-known one or of your own name or address. Choose another.")
	}
	return nil
}

// left counts the characters that remain when all words are taken out.
func left(s string, words []string) int {
	const hole = "\x00"
	for _, w := range words {
		s = strings.ReplaceAll(s, w, hole)
	}
	return utf8.RuneCountInString(strings.ReplaceAll(s, hole, ""))
}

// wordsOf splits texts into words of at least three characters, in lower case.
func wordsOf(texts []string) []string {
	var out []string
	for _, t := range texts {
		for _, w := range strings.FieldsFunc(strings.ToLower(t), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(w) >= 3 {
				out = append(out, w)
			}
		}
	}
	return out
}

// unleet undoes the usual replacements of letters by digits and signs.
func unleet(s string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "!", "i").Replace(s)
}

// distinct counts the different characters.
func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// isRun reports whether nearly all characters follow each other, up or down:
// "123456789012", "abcdefghijkl", "zyxwvutsrqpo".
func isRun(s string) bool {
	rs := []rune(s)
	steps := 0
	for i := 1; i < len(rs); i++ {
		if d := rs[i] - rs[i-1]; d == 1 || d == -1 || d == 0 {
			steps++
		}
	}
	return steps >= len(rs)-3
}

// isRepeat reports whether the text is one short piece again and again.
func isRepeat(s string) bool {
	rs := []rune(s)
	for size := 1; size <= 5 && size*2 <= len(rs); size++ {
		same := true
		for i := size; i < len(rs) && same; i++ {
			same = rs[i] == rs[i-size]
		}
		if same {
			return true
		}
	}
	return false
}
