package reconcile

import (
	"context"
	"fmt"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/store"
)

// maxPages bounds a stream, so that a PSA whose links go in a circle ends as an
// error (hazard 21): a million pages are more than any PSA has.
const maxPages = 1_000_000

// manyCreated is from how many new items on the database is told that its tables grew.
const manyCreated = 1000

// streamEnd stands in the cursor for a stream whose last page was taken over.
const streamEnd = "\x00end"

// pull takes over every page of every stream and proves each stream complete.
func (s *session) pull(ctx context.Context) error {
	streams := s.connector.Streams()
	for s.at.Stream < len(streams) {
		stream := streams[s.at.Stream]
		if err := s.pullStream(ctx, stream); err != nil {
			return err
		}
		if s.run.Counts.Created > manyCreated {
			if err := s.Store.DB.Analyze(ctx, "item", "psa_record"); err != nil {
				return err
			}
		}
		if stream.Kind == mainstay.Organization.Name {
			if err := s.Changes.ResolveParents(ctx, s.run, s.integration.Name); err != nil {
				return err
			}
		}
		s.at.Stream, s.at.Next = s.at.Stream+1, ""
		if err := s.save(ctx, "Reading "+stream.Label); err != nil {
			return err
		}
	}
	s.at = cursor{Stage: stageConfirm, Before: s.at.Before}
	return s.save(ctx, "Asking for missing records")
}

func (s *session) pullStream(ctx context.Context, stream connect.Stream) error {
	kind, err := mainstay.KindNamed(string(stream.Kind))
	if err != nil {
		return err
	}
	if err := s.announce(ctx, stream); err != nil {
		return err
	}
	if s.at.Next == streamEnd {
		return s.prove(ctx, stream)
	}
	visited := map[string]bool{}
	for range maxPages {
		page, err := s.connector.Pull(ctx, stream, s.at.Next)
		if err != nil {
			return err
		}
		visited[s.at.Next] = true
		if !page.Last && (page.Next == "" || visited[page.Next]) {
			return mainstay.Errorf(mainstay.Unavailable, "The PSA's list of %s goes in a circle or stops without an end.", stream.Label)
		}
		next := s.at
		if next.Next = page.Next; page.Last {
			next.Next = streamEnd
		}
		s.run.Stage = fmt.Sprintf("Reading %s", stream.Label)
		s.run, err = s.Changes.ApplyPage(ctx, s.job, change.Page{Run: s.run, Previous: s.previous, Cursor: next.String(), Kind: kind,
			Records: page.Records, Labels: s.labels, Confirmed: s.integration.ConfirmedVersion, Who: s.integration.Name})
		if err != nil {
			return err
		}
		s.at = next
		if page.Last {
			return s.prove(ctx, stream)
		}
	}
	return mainstay.Errorf(mainstay.Unavailable, "The PSA's list of %s has no end.", stream.Label)
}

// announce asks how many records the stream has, once at its start, and adds
// that to what the run expects.
func (s *session) announce(ctx context.Context, stream connect.Stream) error {
	if _, asked := s.at.Before[stream.Label]; asked {
		return nil
	}
	n, err := s.connector.Count(ctx, stream)
	if err != nil {
		return err
	}
	s.at.Before[stream.Label] = n
	s.run.Expected += n
	return s.save(ctx, "Reading "+stream.Label)
}

// prove checks that a stream was read as a whole: the PSA ended it by itself,
// and no fewer records were seen than it counts. Growth while reading is legal;
// fewer is not (hazards 1, 11, 12, 22). Every PSA holds at least the company of
// its owner, so none at all means that the key sees none (hazard 2).
func (s *session) prove(ctx context.Context, stream connect.Stream) error {
	after, err := s.connector.Count(ctx, stream)
	if err != nil {
		return err
	}
	var seen int
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		seen, err = t.CountSeen(ctx, s.run, stream.Kind)
		return err
	})
	if err != nil {
		return err
	}
	if seen == 0 && stream.Kind == mainstay.Organization.Name && change.Guard("completeness") {
		return mainstay.Errorf(mainstay.Unavailable, "The PSA returned no %s at all, not even your own. Check what the API key may see.", stream.Label)
	}
	if want := min(s.at.Before[stream.Label], after); seen < want && change.Guard("completeness") {
		return mainstay.Errorf(mainstay.Unavailable, "The PSA counts %s %s and returned %s, so this sync can't tell what is missing. It is tried again at the next full sync.",
			mainstay.Thousands(want), stream.Label, mainstay.Thousands(seen))
	}
	return nil
}

// confirmBatch is how many missing records are asked for at once.
const confirmBatch = 200

// confirm asks the PSA by id for every linked record that no page contained.
// Only a clear "gone" makes a candidate; "unreadable" never does (V2).
func (s *session) confirm(ctx context.Context) error {
	streams := s.connector.Streams()
	for s.at.Stream < len(streams) {
		stream := streams[s.at.Stream]
		var missing []store.Record
		err := s.Store.Read(ctx, func(t *store.Tx) error {
			var err error
			missing, err = t.UnseenLinks(ctx, s.run, stream.Kind, s.at.Next, confirmBatch)
			return err
		})
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			s.at.Stream, s.at.Next = s.at.Stream+1, ""
			continue
		}
		if err := s.confirmSome(ctx, stream, missing); err != nil {
			return err
		}
	}
	s.at = cursor{Stage: stageJudge}
	return s.save(ctx, "Checking the limits")
}

func (s *session) confirmSome(ctx context.Context, stream connect.Stream, missing []store.Record) error {
	ids := make([]string, len(missing))
	for n, r := range missing {
		ids[n] = r.ExternalID
	}
	answers, err := s.connector.Confirm(ctx, stream, ids)
	if err != nil {
		return err
	}
	var gone []mainstay.Candidate
	var problems []mainstay.RunProblem
	for _, r := range missing {
		answer := answers[r.ExternalID]
		if !change.Guard("confirm") {
			answer = connect.Gone
		}
		switch answer {
		case connect.Gone:
			gone = append(gone, mainstay.Candidate{ItemID: r.ItemID, Kind: r.Kind, ExternalID: r.ExternalID, Reason: mainstay.ReasonDeleted,
				Evidence: fmt.Sprintf("The PSA has no record %s any more: it was in no page of run %d, and asking for it by its id found nothing.", r.ExternalID, s.run.ID)})
		case connect.Present:
			s.run.Counts.Kept++
		default:
			s.run.Counts.Errors++
			problems = append(problems, mainstay.RunProblem{RunID: s.run.ID, Kind: r.Kind, ExternalID: r.ExternalID, ItemID: r.ItemID, Name: r.Name,
				Message: "The PSA didn't list this record and gave no clear answer about it, so it was kept. Check the permissions of the API key."})
		}
	}
	s.at.Next = missing[len(missing)-1].ExternalID
	s.run.Stage = "Asking for missing records"
	return s.Changes.AddCandidates(ctx, s.job, s.run, s.at.String(), gone, problems)
}
