package simulator

// Ref names another record, as ConnectWise embeds it: some carry a name, some
// an identifier as well. An empty Ref travels as {}.
type Ref struct {
	ID         int64  `json:"id,omitempty"`
	Identifier string `json:"identifier,omitempty"`
	Name       string `json:"name,omitempty"`
}

// Info is the bookkeeping that every object carries.
type Info struct {
	LastUpdated string `json:"lastUpdated"`
	UpdatedBy   string `json:"updatedBy"`
	DateEntered string `json:"dateEntered,omitempty"`
}

// record is what every table holds.
type record interface {
	key() int64
	info() *Info
}

// Company is a company as the API sends it. Types travels as types, or in the
// older ways where Config.CompanyTypes says so.
type Company struct {
	ID             int64  `json:"id"`
	Identifier     string `json:"identifier"`
	Name           string `json:"name"`
	Status         *Ref   `json:"status,omitempty"`
	Types          []Ref  `json:"types,omitzero"`
	Type           *Ref   `json:"type,omitempty"`
	AddressLine1   string `json:"addressLine1,omitempty"`
	AddressLine2   string `json:"addressLine2,omitempty"`
	City           string `json:"city,omitempty"`
	State          string `json:"state,omitempty"`
	Zip            string `json:"zip,omitempty"`
	Country        *Ref   `json:"country,omitempty"`
	PhoneNumber    string `json:"phoneNumber,omitempty"`
	FaxNumber      string `json:"faxNumber,omitempty"`
	Website        string `json:"website,omitempty"`
	AccountNumber  string `json:"accountNumber,omitempty"`
	ParentCompany  *Ref   `json:"parentCompany,omitempty"`
	DefaultContact *Ref   `json:"defaultContact,omitempty"`
	Territory      *Ref   `json:"territory,omitempty"`
	LeadFlag       bool   `json:"leadFlag"`
	IsVendorFlag   bool   `json:"isVendorFlag"`
	DeletedFlag    bool   `json:"deletedFlag"`
	DateDeleted    string `json:"dateDeleted,omitempty"`
	DeletedBy      string `json:"deletedBy,omitempty"`
	Info           Info   `json:"_info"`
}

// Site is an address of a company.
type Site struct {
	ID                 int64  `json:"id"`
	Name               string `json:"name"`
	AddressLine1       string `json:"addressLine1,omitempty"`
	AddressLine2       string `json:"addressLine2,omitempty"`
	City               string `json:"city,omitempty"`
	StateReference     *Ref   `json:"stateReference,omitempty"`
	Zip                string `json:"zip,omitempty"`
	Country            *Ref   `json:"country,omitempty"`
	PhoneNumber        string `json:"phoneNumber,omitempty"`
	PhoneNumberExt     string `json:"phoneNumberExt,omitempty"`
	FaxNumber          string `json:"faxNumber,omitempty"`
	InactiveFlag       bool   `json:"inactiveFlag"`
	PrimaryAddressFlag bool   `json:"primaryAddressFlag"`
	Company            *Ref   `json:"company,omitempty"`
	Info               Info   `json:"_info"`
}

// Communication is one way to reach a contact.
type Communication struct {
	ID                int64  `json:"id"`
	ContactID         int64  `json:"contactId"`
	Type              Ref    `json:"type"`
	Value             string `json:"value"`
	Extension         string `json:"extension,omitempty"`
	DefaultFlag       bool   `json:"defaultFlag"`
	CommunicationType string `json:"communicationType"`
	Domain            string `json:"domain,omitempty"`
	Info              Info   `json:"_info"`
}

// Contact is a person at a company.
type Contact struct {
	ID                 int64           `json:"id"`
	FirstName          string          `json:"firstName"`
	LastName           string          `json:"lastName,omitempty"`
	Title              string          `json:"title,omitempty"`
	Company            *Ref            `json:"company,omitempty"`
	Site               *Ref            `json:"site,omitempty"`
	InactiveFlag       bool            `json:"inactiveFlag"`
	Types              []Ref           `json:"types"`
	DefaultFlag        bool            `json:"defaultFlag"`
	DefaultPhoneType   string          `json:"defaultPhoneType,omitempty"`
	DefaultPhoneNbr    string          `json:"defaultPhoneNbr,omitempty"`
	CommunicationItems []Communication `json:"communicationItems"`
	Info               Info            `json:"_info"`
}

// Question is one line of a configuration's questionnaire.
type Question struct {
	QuestionID     int64  `json:"questionId"`
	SequenceNumber int    `json:"sequenceNumber"`
	Question       string `json:"question"`
	Answer         string `json:"answer,omitempty"`
	FieldType      string `json:"fieldType"`
}

// Configuration is a device or another managed thing.
type Configuration struct {
	ID                     int64      `json:"id"`
	Name                   string     `json:"name"`
	Type                   *Ref       `json:"type,omitempty"`
	Status                 *Ref       `json:"status,omitempty"`
	Company                *Ref       `json:"company,omitempty"`
	Contact                *Ref       `json:"contact,omitempty"`
	Site                   *Ref       `json:"site,omitempty"`
	SerialNumber           string     `json:"serialNumber,omitempty"`
	ModelNumber            string     `json:"modelNumber,omitempty"`
	TagNumber              string     `json:"tagNumber,omitempty"`
	Manufacturer           *Ref       `json:"manufacturer,omitempty"`
	PurchaseDate           string     `json:"purchaseDate,omitempty"`
	InstallationDate       string     `json:"installationDate,omitempty"`
	InstalledBy            *Ref       `json:"installedBy,omitempty"`
	WarrantyExpirationDate string     `json:"warrantyExpirationDate,omitempty"`
	VendorNotes            string     `json:"vendorNotes,omitempty"`
	Notes                  string     `json:"notes,omitempty"`
	MacAddress             string     `json:"macAddress,omitempty"`
	IPAddress              string     `json:"ipAddress,omitempty"`
	DefaultGateway         string     `json:"defaultGateway,omitempty"`
	OSType                 string     `json:"osType,omitempty"`
	OSInfo                 string     `json:"osInfo,omitempty"`
	CPUSpeed               string     `json:"cpuSpeed,omitempty"`
	RAM                    string     `json:"ram,omitempty"`
	LastLoginName          string     `json:"lastLoginName,omitempty"`
	ActiveFlag             bool       `json:"activeFlag"`
	Questions              []Question `json:"questions,omitempty"`
	Info                   Info       `json:"_info"`
}

// Label is a type or a status. ConnectWise names some of them in name, others
// in description; the unused one stays empty.
type Label struct {
	ID               int64  `json:"id"`
	Name             string `json:"name,omitempty"`
	Description      string `json:"description,omitempty"`
	DefaultFlag      bool   `json:"defaultFlag"`
	InactiveFlag     bool   `json:"inactiveFlag"`
	ClosedFlag       bool   `json:"closedFlag"`
	VendorFlag       bool   `json:"vendorFlag"`
	ServiceAlertFlag bool   `json:"serviceAlertFlag"`
	SystemFlag       bool   `json:"systemFlag"`
	PhoneFlag        bool   `json:"phoneFlag"`
	FaxFlag          bool   `json:"faxFlag"`
	EmailFlag        bool   `json:"emailFlag"`
	Info             Info   `json:"_info"`
}

// Text is the label's name, wherever it is kept.
func (l *Label) Text() string {
	if l.Name != "" {
		return l.Name
	}
	return l.Description
}

// Association says that a company has a type.
type Association struct {
	ID      int64 `json:"id"`
	Type    Ref   `json:"type"`
	Company Ref   `json:"company"`
	Info    Info  `json:"_info"`
}

func (c *Company) key() int64       { return c.ID }
func (s *Site) key() int64          { return s.ID }
func (c *Contact) key() int64       { return c.ID }
func (c *Configuration) key() int64 { return c.ID }
func (l *Label) key() int64         { return l.ID }
func (a *Association) key() int64   { return a.ID }
func (c *Communication) key() int64 { return c.ID }

func (c *Company) info() *Info       { return &c.Info }
func (s *Site) info() *Info          { return &s.Info }
func (c *Contact) info() *Info       { return &c.Info }
func (c *Configuration) info() *Info { return &c.Info }
func (l *Label) info() *Info         { return &l.Info }
func (a *Association) info() *Info   { return &a.Info }
func (c *Communication) info() *Info { return &c.Info }
