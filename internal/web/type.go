package web

// TypePage says why the type and the status of an item can't change here, and
// what a person can do instead: GET /{kinds}/{id}/type of a linked item.
type TypePage struct {
	Page
	Heading string
	Lead    string // "Acme comes from ConnectWise PSA, so its type and status can't change here."
	Labels  []Fact
	Ways    []TypeWay
	Back    string
}

// TypeWay is one thing to do instead.
type TypeWay struct {
	Icon, Title, Text string
	Link              Link
	Away              bool     // the link leads out of Mainstay
	Plan              []Hidden // makes a plan; empty for none
	Button            string
}
