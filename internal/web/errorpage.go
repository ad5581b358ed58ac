package web

// ErrorPage says what happened, what is safe and what to do. It has no sidebar
// while nobody is signed in.
type ErrorPage struct {
	Page
	Status    int    // the HTTP status
	Heading   string // empty for the usual one of the status
	Message   string // safe to show
	Reference string // finds the entry in the server's log; empty shows none
	Links     []Link
}

func (p ErrorPage) heading() string {
	if p.Heading != "" {
		return p.Heading
	}
	switch p.Status {
	case 401:
		return "Sign in first"
	case 403:
		return "You can't open this"
	case 404:
		return "There's nothing here"
	case 409:
		return "That can't be done now"
	case 412:
		return "This changed in the meantime"
	case 429:
		return "Too many tries"
	case 503:
		return "Out of reach"
	}
	if p.Status >= 500 {
		return "Something went wrong on our side"
	}
	return "That didn't work"
}

func (p ErrorPage) icon() string {
	switch {
	case p.Status == 401 || p.Status == 403:
		return "lock"
	case p.Status == 404:
		return "mood-empty"
	}
	return "alert-circle"
}
