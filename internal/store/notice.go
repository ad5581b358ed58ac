package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

const noticeColumns = "id, person_id, at, text, link, seen_at"

func scanNotice(r db.Row) (mainstay.Notice, error) {
	var n mainstay.Notice
	err := r.Scan(&n.ID, &n.UserID, &n.At, &n.Text, &n.Link, &n.Seen)
	return n, err
}

// Telling is a sentence for every Administrator. ToThem is what the person reads
// whom it speaks of; Of is 0 where that is nobody with an account.
type Telling struct {
	Text   string
	Of     mainstay.UserID
	ToThem string
	Link   string // a page of Mainstay
}

// TellAdministrators leaves a sentence for every Administrator who can sign in,
// in one statement, and returns how many they are.
func (t *Tx) TellAdministrators(ctx context.Context, n Telling) (int, error) {
	all, err := t.CountAdministrators(ctx)
	if err != nil || all == 0 {
		return 0, err
	}
	id, err := t.NextIDs(ctx, "notice", all)
	if err != nil {
		return 0, err
	}
	return t.Exec(ctx, "INSERT INTO notice ("+noticeColumns+`) SELECT CAST($1 AS BIGINT) - 1 + row_number() OVER (ORDER BY id), id, CAST($2 AS BIGINT),
		CASE WHEN id = $3 THEN $4 ELSE $5 END, $6, 0
		FROM person WHERE role = 'administrator' AND NOT disabled ORDER BY id LIMIT $7`, id, int64(t.Now()), int64(n.Of), n.ToThem, n.Text, n.Link, all)
}

// UnseenNotices lists what a person has not said "Got it" to, newest first.
func (t *Tx) UnseenNotices(ctx context.Context, person mainstay.UserID, limit int) ([]mainstay.Notice, error) {
	return scanAll(ctx, t, scanNotice, "SELECT "+noticeColumns+" FROM notice WHERE person_id = $1 AND seen_at = 0 ORDER BY id DESC LIMIT $2", int64(person), limit)
}

// SeeNotice marks a notice of a person as read. One that is somebody else's, or
// was read before, is left alone.
func (t *Tx) SeeNotice(ctx context.Context, person mainstay.UserID, id int64) error {
	_, err := t.Exec(ctx, "UPDATE notice SET seen_at = $1 WHERE id = $2 AND person_id = $3 AND seen_at = 0", int64(t.Now()), id, int64(person))
	return err
}
