package web

// LoginPage is the form to sign in: POST /login with email, password and next.
type LoginPage struct {
	Page
	Email string
	Next  string // where to go afterwards
	Error string
}

// SetupPage makes the first Administrator: POST /setup with account, name,
// email, password and token.
type SetupPage struct {
	Page
	Token  string // proves that the person read the server's own output; empty asks for it
	Name   string
	Email  string
	Errors map[string]string // sentences by field name; "" for the whole form
}

func (p SetupPage) fields() []FormField {
	fs := []FormField{
		{Name: "account", Label: "Name of your company", Type: "text", Value: p.Account, Required: true, Auto: "organization"},
		{Name: "name", Label: "Your name", Type: "text", Value: p.Name, Required: true, Auto: "name"},
		{Name: "email", Label: "Email", Type: "email", Value: p.Email, Required: true, Auto: "username"},
		{Name: "password", Label: "Password", Type: "password", Required: true, Auto: "new-password", Help: "At least 12 characters. Longer is better than stranger."},
	}
	token := FormField{Name: "token", Label: "Set-up code", Type: "text", Required: true, Auto: "off", Help: "The server printed it when it started."}
	if p.Token != "" {
		token = FormField{Name: "token", Type: "hidden", Value: p.Token}
	}
	fs = append(fs, token)
	for i := range fs {
		fs[i].Error = p.Errors[fs[i].Name]
	}
	return fs
}
