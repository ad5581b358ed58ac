package web

import (
	"slices"

	"mainstay"
	"mainstay/internal/auth"
)

// accountRoutes are the pages of signing in, people, integrations, jobs,
// backups, settings and the dashboard.
func (s *Web) accountRoutes() []auth.Route {
	return slices.Concat(s.signInRoutes(), s.ownRoutes(), s.userRoutes(), s.integrationRoutes(), s.syncSettingRoutes(), s.manageDataRoutes(), s.endedRoutes(), s.runRoutes(), s.workRoutes(), s.protectionRoutes())
}

// signInRoutes are open to everybody.
func (s *Web) signInRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET /login", Public: true, Handle: s.login},
		{Pattern: "POST /login", Public: true, Handle: s.signIn},
		{Pattern: "POST /logout", Public: true, Handle: s.signOut},
		{Pattern: "GET /setup", Public: true, Handle: s.setup},
		{Pattern: "POST /setup", Public: true, Handle: s.createFirst},
		s.Sessions.LinkRoute(),
	}
}

// ownRoutes are for everybody who is signed in.
func (s *Web) ownRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET /{$}", Right: mainstay.ViewItems, Handle: s.dashboard},
		{Pattern: "GET /me", Right: mainstay.UseOwnAccount, Handle: s.me},
		{Pattern: "POST /me", Right: mainstay.UseOwnAccount, Handle: s.saveMe},
		{Pattern: "POST /me/password", Right: mainstay.UseOwnAccount, Handle: s.changePassword},
		{Pattern: "POST /me/appearance", Right: mainstay.UseOwnAccount, Handle: s.appearance},
		{Pattern: "POST /notices/{id}/seen", Right: mainstay.UseOwnAccount, Handle: s.seeNotice},
		{Pattern: "GET /jobs/pill", Right: mainstay.UseOwnAccount, Polled: true, Handle: s.jobPill},
	}
}

// userRoutes manage people; who may manage whom is decided by People.
func (s *Web) userRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET /account/users", Right: mainstay.ManageUsers, Handle: s.users},
		{Pattern: "GET /account/users/new", Right: mainstay.ManageUsers, Handle: s.newUser},
		{Pattern: "POST /account/users/new", Right: mainstay.ManageUsers, Handle: s.createUser},
		{Pattern: "GET /account/users/{id}", Right: mainstay.ManageUsers, Handle: s.user},
		{Pattern: "POST /account/users/{id}", Right: mainstay.ManageUsers, Handle: s.saveUser},
		{Pattern: "GET /account/users/{id}/disable", Right: mainstay.ManageUsers, Handle: s.confirmDisable},
		{Pattern: "POST /account/users/{id}/disable", Right: mainstay.ManageUsers, Handle: s.disableUser(true)},
		{Pattern: "POST /account/users/{id}/enable", Right: mainstay.ManageUsers, Handle: s.disableUser(false)},
	}
}

// integrationRoutes connect PSAs.
func (s *Web) integrationRoutes() []auth.Route {
	const one = "/account/integrations/{id}"
	return []auth.Route{
		{Pattern: "GET /account/integrations", Right: mainstay.ManageSync, Handle: s.integrations},
		{Pattern: "POST /account/integrations/sync", Right: mainstay.ManageSync, Handle: s.syncAll},
		{Pattern: "GET /account/integrations/new", Right: mainstay.EditConnections, Handle: s.newIntegration},
		{Pattern: "POST /account/integrations/new", Right: mainstay.EditConnections, Handle: s.addIntegration},
		{Pattern: "GET " + one, Right: mainstay.ManageSync, Handle: s.integration},
		{Pattern: "GET " + one + "/edit", Right: mainstay.EditConnections, Handle: s.editIntegration},
		{Pattern: "POST " + one + "/edit", Right: mainstay.EditConnections, Handle: s.saveIntegration},
		{Pattern: "POST " + one + "/sync", Right: mainstay.ManageSync, Handle: s.syncNow},
		{Pattern: "GET " + one + "/pause", Right: mainstay.ManageSync, Handle: s.confirmPause},
		{Pattern: "POST " + one + "/pause", Right: mainstay.ManageSync, Handle: s.pauseIntegration(true)},
		{Pattern: "POST " + one + "/resume", Right: mainstay.ManageSync, Handle: s.pauseIntegration(false)},
	}
}

// syncSettingRoutes choose what syncs.
func (s *Web) syncSettingRoutes() []auth.Route {
	const all = "/account/integrations/{id}/sync-settings"
	return []auth.Route{
		{Pattern: "GET " + all, Right: mainstay.ManageSync, Handle: s.syncSettings},
		{Pattern: "GET " + all + "/{tab}", Right: mainstay.ManageSync, Handle: s.syncSettings},
		{Pattern: "POST " + all + "/{tab}", Right: mainstay.ManageSync, Handle: s.saveSettings},
		{Pattern: "POST " + all + "/{tab}/preview", Right: mainstay.ManageSync, Handle: s.previewSettings},
		{Pattern: "POST " + all + "/{tab}/count", Right: mainstay.ManageSync, Handle: s.countAgain},
	}
}

// manageDataRoutes show what came from an integration, and end parts of it.
func (s *Web) manageDataRoutes() []auth.Route {
	const all = "/account/integrations/{id}/manage-data"
	return []auth.Route{
		{Pattern: "GET " + all, Right: mainstay.ManageSync, Handle: s.manageData},
		{Pattern: "GET " + all + "/rows/{row}", Right: mainstay.ManageSync, Handle: s.manageRows},
		{Pattern: "GET " + all + "/disconnect", Right: mainstay.ManageSync, Handle: s.askDisconnect},
		{Pattern: "POST " + all + "/disconnect", Right: mainstay.PlanChanges, Handle: s.disconnect, Refused: s.refuseDisconnect},
	}
}

// endedRoutes end a whole integration, and take ended links up again.
func (s *Web) endedRoutes() []auth.Route {
	const one = "/account/integrations/{id}"
	return []auth.Route{
		{Pattern: "GET " + one + "/remove", Right: mainstay.EditConnections, Handle: s.askRemove},
		{Pattern: "POST " + one + "/remove", Right: mainstay.EditConnections, Handle: s.removeIntegration},
		{Pattern: "GET " + one + "/match", Right: mainstay.ManageSync, Handle: s.match},
		{Pattern: "POST " + one + "/match", Right: mainstay.PlanChanges, Handle: s.matchAgain},
		{Pattern: "POST " + one + "/match/anew", Right: mainstay.PlanChanges, Handle: s.makeAnew},
	}
}

// runRoutes follow syncs and decide about held ones.
func (s *Web) runRoutes() []auth.Route {
	const log = "/account/integrations/{id}/log"
	return []auth.Route{
		{Pattern: "GET " + log, Right: mainstay.ManageSync, Handle: s.runs},
		{Pattern: "GET " + log + "/{run}", Right: mainstay.ManageSync, Handle: s.run},
		{Pattern: "GET " + log + "/{run}/events", Right: mainstay.ManageSync, Stream: true, Handle: s.runEvents},
		{Pattern: "GET " + log + "/{run}/progress", Right: mainstay.ManageSync, Polled: true, Handle: s.runProgress},
		{Pattern: "POST " + log + "/{run}/cancel", Right: mainstay.ManageSync, Handle: s.cancelRun},
		{Pattern: "GET " + log + "/{run}/accept", Right: mainstay.ManageSync, Handle: s.confirmAccept},
		{Pattern: "POST " + log + "/{run}/accept", Right: mainstay.ManageSync, Handle: s.settleRun(true)},
		{Pattern: "POST " + log + "/{run}/reject", Right: mainstay.ManageSync, Handle: s.settleRun(false)},
		{Pattern: "GET " + log + "/{run}/candidates.csv", Right: mainstay.ManageSync, Handle: s.candidatesCSV},
	}
}

// workRoutes show jobs, keep backups and set up the account.
func (s *Web) workRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET /jobs", Right: mainstay.ManageSync, Handle: s.jobs},
		{Pattern: "GET /account/backups", Right: mainstay.UseBackups, Handle: s.backups},
		{Pattern: "POST /account/backups", Right: mainstay.UseBackups, Handle: s.takeBackup},
		{Pattern: "GET /account/backups/{id}/download", Right: mainstay.UseBackups, Handle: s.downloadBackup},
		{Pattern: "POST /account/backups/{id}/verify", Right: mainstay.UseBackups, Handle: s.verifyBackup},
		{Pattern: "GET /account/settings", Right: mainstay.ChangeSettings, Handle: s.settings},
		{Pattern: "POST /account/settings", Right: mainstay.ChangeSettings, Handle: s.saveAccount},
	}
}

// protectionRoutes switch bulk deletion and show what to look at before a clean-up.
func (s *Web) protectionRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET " + protectionURL, Right: mainstay.PlanChanges, Handle: s.dataProtection},
		{Pattern: "POST " + protectionURL + "/on", Right: mainstay.ChangeSettings, Handle: s.switchOn},
		{Pattern: "POST " + protectionURL + "/off", Right: mainstay.ChangeSettings, Handle: s.switchOff},
		{Pattern: "GET " + checksURL, Right: mainstay.PlanChanges, Handle: s.checks},
	}
}
