package mainstay

// UserID identifies a person.
type UserID int64

// Role is one of the six roles of the original (original-behaviour.md section 6).
type Role string

// The roles, most powerful first.
const (
	Administrator Role = "administrator"
	Manager       Role = "manager"
	Editor        Role = "editor"
	Creator       Role = "creator"
	ReadOnly      Role = "read-only"
	Lite          Role = "lite"
)

// Roles lists the roles, most powerful first.
func Roles() []Role { return []Role{Administrator, Manager, Editor, Creator, ReadOnly, Lite} }

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) {
	for _, r := range Roles() {
		if string(r) == s {
			return r, nil
		}
	}
	return "", Errorf(Invalid, "There is no role called %q. Use administrator, manager, editor, creator, read-only or lite.", s)
}

// Label returns the words of the screen.
func (r Role) Label() string {
	switch r {
	case Administrator:
		return "Administrator"
	case Manager:
		return "Manager"
	case Editor:
		return "Editor"
	case Creator:
		return "Creator"
	case ReadOnly:
		return "Read-only"
	}
	return "Lite"
}

// LiteOrganizations is how many organizations a Lite user may see at most
// (original-behaviour.md section 6).
const LiteOrganizations = 5

// User is a person who can sign in.
type User struct {
	ID    UserID
	Email string // unique without regard to case
	Name  string
	Role  Role
	// AllOrganizations says that the person sees every organization; else only
	// those that are granted. Administrators always see all.
	AllOrganizations bool
	Disabled         bool
	Created          Time
	LastSeen         Time
}

// Actor is who does something: a person with a role, or the system itself.
type Actor struct {
	UserID UserID // 0 for the system
	Name   string
	Role   Role
	// All says that the actor sees every organization.
	All bool
	// Organizations are the ones granted, where All is false.
	Organizations map[ItemID]bool
	// Address is where the request came from, for the activity log.
	Address string
}

// System is the actor of the scheduler and of the operator's own command line.
func System(name string) Actor {
	return Actor{Name: name, Role: Administrator, All: true}
}

// Right is something a person may do.
type Right string

// The rights. Every route and command names one.
const (
	ViewItems       Right = "view items"
	CreateItems     Right = "create items"
	EditItems       Right = "edit items"
	DeleteItems     Right = "delete single items"
	SyncItems       Right = "change how single items sync"
	CreateOrgs      Right = "create organizations"
	PlanChanges     Right = "make and confirm plans"
	MergeOrgs       Right = "merge organizations"
	LegalHold       Right = "set and lift legal holds"
	UseTrash        Right = "restore from trash"
	PurgeTrash      Right = "delete for good"
	ManageSync      Right = "manage integrations and sync"
	EditConnections Right = "add and edit integrations"
	SeeActivity     Right = "see the activity log"
	UseBackups      Right = "take and download backups"
	ManageUsers     Right = "manage users"
	ChangeSettings  Right = "change account settings"
	UseOwnAccount   Right = "use their own account"
)

// granted is the table of original-behaviour.md section 6 for what exists here.
var granted = map[Right][]Role{
	ViewItems:       {Administrator, Manager, Editor, Creator, ReadOnly, Lite},
	CreateItems:     {Administrator, Manager, Editor, Creator},
	EditItems:       {Administrator, Manager, Editor, Creator},
	DeleteItems:     {Administrator, Manager, Editor},
	SyncItems:       {Administrator, Manager, Editor},
	CreateOrgs:      {Administrator, Manager, Editor, Creator},
	PlanChanges:     {Administrator, Manager},
	MergeOrgs:       {Administrator, Manager},
	LegalHold:       {Administrator},
	UseTrash:        {Administrator, Manager},
	PurgeTrash:      {Administrator},
	ManageSync:      {Administrator, Manager},
	EditConnections: {Administrator, Manager},
	SeeActivity:     {Administrator, Manager},
	UseBackups:      {Administrator},
	ManageUsers:     {Administrator, Manager},
	ChangeSettings:  {Administrator},
	UseOwnAccount:   {Administrator, Manager, Editor, Creator, ReadOnly, Lite},
}

// Rights lists every right.
func Rights() []Right {
	return []Right{ViewItems, CreateItems, EditItems, DeleteItems, SyncItems, CreateOrgs, PlanChanges, LegalHold, MergeOrgs, UseTrash, PurgeTrash,
		ManageSync, EditConnections, SeeActivity, UseBackups, ManageUsers, ChangeSettings, UseOwnAccount}
}

// RolesWith lists the roles that have a right.
func RolesWith(r Right) []Role { return granted[r] }

// Sees reports whether the actor may see the items of an organization.
func (a Actor) Sees(organization ItemID) bool {
	return a.All || a.Organizations[organization]
}

// Can is the one authorization function: nil when the actor may use the right,
// within the organization where one is given (0 means the account as a whole).
// Anything unknown is denied. A foreign organization gives the same NotFound as
// a missing one, so nothing can be learnt by asking.
func (a Actor) Can(r Right, organization ItemID) error {
	if a.Role == "" {
		return Errorf(Unauthorized, "Sign in first.")
	}
	ok := false
	for _, role := range granted[r] {
		ok = ok || role == a.Role
	}
	if !ok {
		return Errorf(Forbidden, "Your role, %s, can't %s. Ask an Administrator.", a.Role.Label(), r)
	}
	if r == CreateOrgs && !a.All {
		return Errorf(Forbidden, "Only people with access to all organizations can create one. Ask an Administrator.")
	}
	if organization != 0 && !a.Sees(organization) {
		return Errorf(NotFound, "There's nothing at this address. It may be in Trash.")
	}
	return nil
}

// CanManage reports whether the actor may create, change or disable a user with
// the given role: Managers never touch Administrators and grant no more than they have.
func (a Actor) CanManage(target Role) error {
	if err := a.Can(ManageUsers, 0); err != nil {
		return err
	}
	if target == Administrator && a.Role != Administrator {
		return Errorf(Forbidden, "Only an Administrator can manage Administrators.")
	}
	return nil
}
