package web

import "mainstay/internal/auth"

// accountRoutes are the pages of signing in, people, integrations, jobs,
// backups, settings and the dashboard.
func (s *Web) accountRoutes() []auth.Route { return nil }
