// Package platform is the whole program: it reads and checks what live/ and
// runtime/pipelines say, and composes the components.
//
//	what is wrong in a file     -> refused, before anything is planned
//	another account             -> refused, by asking for it and by the provider
//	network storage catalog     -> what everything stands on
//	operations                  -> who hears of failures, where logs go
//	ingestion transformation    -> what runs
//	evolution                   -> the landing tables, as their contracts say
//	orchestration               -> when it runs; waits for the evolution
package platform
