package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a person."`
	List    userListCmd    `cmd:"" help:"List people."`
	Disable userDisableCmd `cmd:"" help:"Stop a person from signing in; ends their sessions at once."`
	Enable  userEnableCmd  `cmd:"" help:"Let a disabled person sign in again."`
	Link    userLinkCmd    `cmd:"" help:"Make a link that signs a person in once, for example after a lost password."`
}

type userAddCmd struct {
	Email        string            `arg:""`
	Name         string            `help:"What people see; the email address where left out."`
	Role         string            `help:"administrator, manager, editor, creator, read-only or lite." required:""`
	All          bool              `help:"Access to every organization." negatable:"" default:"true"`
	Organization []mainstay.ItemID `help:"With --no-all: an organization they may see; repeat for more."`
	PasswordFile string            `help:"File with the password; - reads it from standard input." required:""`
}

// userView is the stable JSON form of a person.
type userView struct {
	ID       mainstay.UserID `json:"id"`
	Email    string          `json:"email"`
	Name     string          `json:"name"`
	Role     mainstay.Role   `json:"role"`
	All      bool            `json:"all_organizations"`
	Disabled bool            `json:"disabled"`
}

func viewOf(u mainstay.User) userView {
	return userView{u.ID, u.Email, u.Name, u.Role, u.AllOrganizations, u.Disabled}
}

// people returns the rules for people.
func (a *app) people() (*auth.People, *auth.Passwords, error) {
	passwords, err := auth.NewPasswords(auth.DefaultParams(), 2)
	return &auth.People{Store: a.store, Passwords: passwords}, passwords, err
}

// Run adds a person.
func (u *userAddCmd) Run(c *call) error {
	role, err := mainstay.ParseRole(u.Role)
	if err != nil {
		return err
	}
	password, err := c.secret(u.PasswordFile)
	if err != nil {
		return err
	}
	if u.Name == "" {
		u.Name = u.Email
	}
	return c.with(func(a *app) error {
		people, _, err := a.people()
		if err != nil {
			return err
		}
		n, err := people.Create(c.ctx, operator(), auth.Person{Email: u.Email, Name: u.Name, Role: role, All: u.All && role != mainstay.Lite, Organizations: u.Organization}, password)
		if err != nil {
			return err
		}
		return c.print(viewOf(n), func(w io.Writer) { fmt.Fprintf(w, "Added %s as %s.\n", n.Email, n.Role.Label()) })
	})
}

type userListCmd struct{}

// Run lists people.
func (userListCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		var users []mainstay.User
		err := a.store.Read(c.ctx, func(t *store.Tx) error {
			var err error
			users, err = t.Users(c.ctx)
			return err
		})
		views := []userView{}
		for _, u := range users {
			views = append(views, viewOf(u))
		}
		if err != nil {
			return err
		}
		return c.print(views, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
			for _, v := range views {
				state := ""
				if v.Disabled {
					state = "disabled"
				}
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", v.Email, v.Name, v.Role.Label(), state)
			}
			t.Flush() //nolint:errcheck // nowhere to report it
		})
	})
}

type userDisableCmd struct {
	Email string `arg:""`
}

// Run disables a person.
func (u *userDisableCmd) Run(c *call) error {
	return c.person(u.Email, func(a *app, people *auth.People, n mainstay.User) error {
		return people.Disable(c.ctx, operator(), n.ID)
	})
}

type userEnableCmd struct {
	Email string `arg:""`
}

// Run enables a person.
func (u *userEnableCmd) Run(c *call) error {
	return c.person(u.Email, func(a *app, people *auth.People, n mainstay.User) error {
		return people.Enable(c.ctx, operator(), n.ID)
	})
}

type userLinkCmd struct {
	Email string `arg:""`
}

// Run prints a link that signs a person in once.
func (u *userLinkCmd) Run(c *call) error {
	return c.person(u.Email, func(a *app, _ *auth.People, n mainstay.User) error {
		link, err := a.signInLink(c.ctx, n.ID)
		if err != nil {
			return err
		}
		return c.print(map[string]string{"link": link}, func(w io.Writer) { fmt.Fprintln(w, link) })
	})
}

// signInLink makes a link that works once and for an hour.
func (a *app) signInLink(ctx context.Context, id mainstay.UserID) (string, error) {
	_, passwords, err := a.people()
	if err != nil {
		return "", err
	}
	sessions := auth.NewSessions(auth.Config{Store: a.store, Passwords: passwords, PublicURL: a.config.PublicURL, Log: a.log})
	path, err := sessions.NewLink(ctx, id, auth.LinkLife)
	return a.config.PublicURL + path, err
}

// person runs fn on a person by email address.
func (c *call) person(email string, fn func(a *app, people *auth.People, u mainstay.User) error) error {
	return c.with(func(a *app) error {
		people, _, err := a.people()
		if err != nil {
			return err
		}
		var n mainstay.User
		err = a.store.Read(c.ctx, func(t *store.Tx) error {
			n, err = t.UserByEmail(c.ctx, email)
			return err
		})
		if err != nil {
			return err
		}
		return fn(a, people, n)
	})
}
