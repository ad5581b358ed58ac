package simulator

import "net/http"

func (s *Simulator) servePage(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
