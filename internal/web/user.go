package web

import "mainstay"

// UsersPage lists the people who can sign in.
type UsersPage struct {
	Page
	Users  []UserRow
	NewURL string // empty where this person may add nobody
}

// UserRow is one person.
type UserRow struct {
	User          mainstay.User
	Organizations int    // how many were granted, where not all
	EditURL       string // empty where this person may not manage them
}

// UserFormPage adds or edits a person: email, name, role, all (every
// organization), organization (ids granted), password, disabled.
type UserFormPage struct {
	Page
	Heading    string
	Action     string
	Fields     []FormField
	Reach      []FormField // which organizations they see; "organization_name" can find some
	Error      string
	Button     string
	Back       string
	DisableURL string // a confirm page; empty hides it
	EnableURL  string // POST; empty hides it
	Roles      []RoleHelp
}

// RoleHelp says in a sentence what a role can do.
type RoleHelp struct{ Label, Text string }

// AccountSettingsPage is the settings of the account, or of one person (/me):
// one form over all sections.
type AccountSettingsPage struct {
	Page
	Heading  string
	Text     string
	Action   string
	Sections []FormSection
	Error    string
	Button   string
	Password *FormSection // /me: a second form, to PasswordURL
	// PasswordURL is where the second form posts.
	PasswordURL string
}

// roleTone is the tone of a role's tag.
func roleTone(r mainstay.Role) string {
	if r == mainstay.Administrator {
		return "accent"
	}
	return ""
}
