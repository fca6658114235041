// Package backup backs up databases that are the user's, as live/ names them: a
// vault whose backups nobody deletes before their time, a daily plan, and a test
// that restores the latest backup every month into an instance that is removed
// again, because a backup that nobody has restored is a hope.
//
// RDS encrypts its snapshots by the database's own key, whatever the vault's is.
// Tables are not backed up here: their versions, and the replica, are package
// storage's and replica's.
package backup
