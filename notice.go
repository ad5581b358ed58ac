package mainstay

// Notice is a sentence for one person that stays until that person has read it.
type Notice struct {
	ID     int64
	UserID UserID
	At     Time
	Text   string
	Link   string // a page of Mainstay; empty for none
	Seen   Time   // 0 until read
}
