package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Recent;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.row.Rows;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Where each hazard of the design is shown. Every line was seen to fail with that rule switched
 * off; "control" marks tests in which a rule is switched off through a seam, and which fail when
 * that goes unnoticed. Inherited tests stand under the name of one class that runs them. The
 * comment of the package goes on with 7, 18, 19, 29 to 35, 39 and 40, and with more of 17.
 *
 * <table>
 * <caption>hazards, tests, and what makes them fail</caption>
 * <tr><td>1</td><td>{@code CacheHazardTest.state_whileStampsAreRaised_isStillTheOldOne}</td>
 *     <td>LiveState.publish replaces the state before it raises the stamps</td></tr>
 * <tr><td></td><td>{@code RocksReplicaTest.snapshot_laterChanges_areNotSeen}</td>
 *     <td>RocksSnapshot reads without its snapshot</td></tr>
 * <tr><td></td><td>{@code MemoryChangeLogTest.append_record_completesWhenApplied}</td>
 *     <td>EmbeddedChangeLog acknowledges before it delivers</td></tr>
 * <tr><td></td><td>{@code MidwayTest.answer_whenReadersSeeTheDatabase_isTornSometimes}, {@link NegativeControlTest}</td>
 *     <td>controls</td></tr>
 * <tr><td>2</td><td>{@code StampsTest.stamp_raisedForAnOlderPublication_keepsTheNewer}</td>
 *     <td>Stamps.raise sets instead of taking the maximum; raiseAll: the test below it</td></tr>
 * <tr><td></td><td>{@link RandomHistoryTest}</td>
 *     <td>LiveState.publish raises to an organization's version</td></tr>
 * <tr><td></td><td>{@code NegativeControlTest.histories_whenStampsAreVersionsInsteadOfPublications_findAWrongAnswer}</td>
 *     <td>control</td></tr>
 * <tr><td>3</td><td>{@code CacheHazardTest.hit_ofANewerStateThanTheOneLoaded_isNotBelieved}</td>
 *     <td>CacheEntry.isGood does not compare the sequence; there are no joined loads, each caller evaluates</td></tr>
 * <tr><td></td><td>{@code MidwayTest.answer_whileAnythingHappensMidway_isThatOfOneVersionAndNotBelievedLater}</td>
 *     <td>CacheEntry.isGood does not ask the stamps</td></tr>
 * <tr><td></td><td>{@code MidwayTest.answer_whenLateEntriesAreBelieved_isWrongLater}</td>
 *     <td>control</td></tr>
 * <tr><td>4</td><td>{@code DamageTest.bitFlip_inAnyTableFile_isNamedAndNeverReadAsAbsence}</td>
 *     <td>RocksCursor.next does not ask for the status; RocksHandle.get takes an error for null</td></tr>
 * <tr><td></td><td>{@code CacheHazardTest.check_oneOfWhoseReadsFails_isAnErrorAndLeavesNothing}</td>
 *     <td>OrgRows.grants or OrgRows.each takes a failed read for no row</td></tr>
 * <tr><td></td><td>{@code ArchitectureTest.rocksdbIterators_areOwnedBy_theCursorAlone}</td>
 *     <td>RocksHandle calls multiGetAsList or isValid</td></tr>
 * <tr><td></td><td>{@code DamageTest.bitFlip_whenNobodyAsksForTheStatus_looksLikeAbsence}</td>
 *     <td>control</td></tr>
 * <tr><td>5</td><td>{@link DependencyHazardTest}</td>
 *     <td>any case of Stripes.changedBy, or any method of Dependencies, raises or adds nothing</td></tr>
 * <tr><td></td><td>{@code CacheHazardTest.change_ofSomethingElse_leavesAHitAHit}</td>
 *     <td>LiveState.publish raises everything</td></tr>
 * <tr><td></td><td>{@code CacheHazardTest.edgeBetweenGroups_ofManyMembers_isOneRow}</td>
 *     <td>MembershipRules.add writes a row per member of the group below</td></tr>
 * <tr><td>6</td><td>{@code HazardTest.clock_steppedBack_doesNotGoBack}</td>
 *     <td>MonotoneClock answers what the wall clock says, or forgets notBefore</td></tr>
 * <tr><td></td><td>{@code CacheEntryTest.entry_fromItsBeginToBeforeItsEnd_isGood}</td>
 *     <td>Access.holdsAt ignores an end of [from, until)</td></tr>
 * <tr><td></td><td>{@link RandomHistoryTest}</td>
 *     <td>CacheEntry.isGood ignores the period; Decider leaves out the begin of pending grants</td></tr>
 * <tr><td></td><td>{@code LedgerTest.open_clockFarBehindTheLastChange_isRefused} and the test below it</td>
 *     <td>Ledger.clock does not refuse; does not begin with the newest change</td></tr>
 * <tr><td></td><td>{@code AccessHazardTest.grant_thatEndsOrBegins_isToldWhenItsTimeHasCome}</td>
 *     <td>WatchBook.stand registers no time; AccessWatches.tick does not look. Control: {@code
 *     RandomWatchTest.lastAnswer_whenNobodyLooksAtTheTime_isWrong}</td></tr>
 * <tr><td>8</td><td>{@code CacheHazardTest.chain_changedBetweenItsLinks_isNeverAllowed}</td>
 *     <td>CacheEntry.isGood does not compare the sequence: all links are held against one reference</td></tr>
 * <tr><td>9</td><td>{@code RecheckHazardTest.recheck_ofAWrongHit_alarmsAndSwitchesTheCacheOff}</td>
 *     <td>Recheck does not switch the cache off</td></tr>
 * <tr><td></td><td>{@code RecheckHazardTest.recheck_ofAWrongHit_hasWatchedAccessesEvaluatedAgain}</td>
 *     <td>Recheck tells nobody; AccessWatches does not hear of it</td></tr>
 * <tr><td></td><td>{@code RecheckHazardTest.recheck_ofAHitThatAChangeOvertakes_doesNotCryWolf}</td>
 *     <td>CachingAuthorizer hands over the current state instead of the hit's</td></tr>
 * <tr><td></td><td>{@code RecheckHazardTest.recheck_thatComesLate_doesNotCryWolf}</td>
 *     <td>Recheck goes by another time than the hit's</td></tr>
 * <tr><td></td><td>{@code MissPoolTest.pool_halfFull_takesQuestionsAndNoRechecks}</td>
 *     <td>MissPool.offer does not look at what is free</td></tr>
 * <tr><td>10</td><td>{@code CacheHazardTest.answer_whileARevokeLands_namesTheRevisionAtWhichItHolds}</td>
 *     <td>CachingAuthorizer takes the token after the stamps were checked</td></tr>
 * <tr><td></td><td>{@link RandomHistoryTest}</td>
 *     <td>ChainAnswer names no valid_until</td></tr>
 * <tr><td>11</td><td>{@code CacheHazardTest.reads_ofChecks_areMadeOnThePoolAlone}</td>
 *     <td>CachingAuthorizer.check reads from disk where it is called</td></tr>
 * <tr><td></td><td>{@code AtOnceTest.check_oneOfWhoseReadsIsNotInMemory_isAnsweredFromTheStore}, and a
 *     negative control</td>
 *     <td>a read that may not wait takes what is not in memory for absent</td></tr>
 * <tr><td></td><td>{@code RocksAtOnceTest.emptyRow_isNotBelieved}</td>
 *     <td>RocksSnapshot believes an empty value of a table that is not open</td></tr>
 * <tr><td></td><td>{@code LoopShareTest.storm_ofMisses_leavesHalfOfTheTime}</td>
 *     <td>LoopShare.begin looks at no time</td></tr>
 * <tr><td></td><td>{@code ListActionsTest.listActions_always_readsOnTheExecutorForThat}</td>
 *     <td>AuthorizationGrpcService.listActions runs where it is called</td></tr>
 * <tr><td>12</td><td>{@code RestrictionHazardTest.gap_inTheLog_restrictsTheOrganizationAndEndsItsAllows}</td>
 *     <td>Routing.blanket does not look at the restriction</td></tr>
 * <tr><td></td><td>{@code RestrictionHazardTest.row_thatCannotBeDecoded_restrictsItsOrganizationAlone}</td>
 *     <td>CachingAuthorizer or OrganizationCommitter does not restrict</td></tr>
 * <tr><td></td><td>{@code RestrictionHazardTest.systemLog_thatCannotBeFollowed_leavesSuspendedOrganizationsSuspended}</td>
 *     <td>OrgLoader.restricted reads no suspensions</td></tr>
 * <tr><td>13</td><td>{@code IdentityHazardTest.account_deletedAndMadeAgain_hasNothingOfItsPredecessor}, and of a model</td>
 *     <td>Draft.create or ResourceRules.put makes the uid from the name</td></tr>
 * <tr><td></td><td>{@code IdentityHazardTest.deletion_ofAGroupWithManyMembers_changesAFewRows}</td>
 *     <td>PrincipalRules.delete deletes memberships itself</td></tr>
 * <tr><td></td><td>{@code IdentityHazardTest.tombstone_afterSweeping_isThere}, {@code SweeperTest}</td>
 *     <td>SweepRules deletes the row behind the uid; deletes nothing. Organizations cannot be deleted yet</td></tr>
 * <tr><td>14</td><td>{@code NameTest}</td>
 *     <td>PrincipalName takes capitals beside an @, other forms than NFC or format characters; Segment
 *     takes encoded letters, lower-case digits, other forms than NFC, other than UTF-8, or dots</td></tr>
 * <tr><td></td><td>{@code IdentityHazardTest.account_withoutRecord_isNotOneOfTheOrganization}</td>
 *     <td>Gathering.addSets does not ask for a record</td></tr>
 * <tr><td></td><td>{@code IdentityHazardTest.groupOrServiceAccount_thatIsNotThere_receivesNothing}</td>
 *     <td>PrincipalKind.mayBeUnknown is true for all</td></tr>
 * <tr><td></td><td>{@code IdentityHazardTest.user_thatIsNotThere_hasARecordFromTheFirstGrantOn}</td>
 *     <td>Draft.create puts no record</td></tr>
 * <tr><td>15</td><td>{@code IdentityHazardTest.uids_ofAllThatWasEverMade_areDifferent}</td>
 *     <td>Draft.newUid leaves out the ordinal or the version; nothing is identified by a hash below 128 bits</td></tr>
 * <tr><td></td><td>{@code IdentityHazardTest.creation_ofWhatIsThere_isRefused}</td>
 *     <td>ResourceRules, PrincipalRules or SystemRules does not look for one of that name</td></tr>
 * <tr><td>16</td><td>{@code VocabularyTest}</td>
 *     <td>Vocabulary puts new names first or in order, or takes more than 64</td></tr>
 * <tr><td></td><td>{@code SharingHazardTest.share_ofARoleThatGivesMoreBelow_isRefused}, and revoke</td>
 *     <td>Cap looks at the kind of the resource alone</td></tr>
 * <tr><td></td><td>{@code SharingHazardTest.role_onAnEnvironment_givesModelsWhatItSaysOfModels}</td>
 *     <td>Decider takes the mask of the kind that the grant stands on</td></tr>
 * <tr><td>17</td><td>{@code SharingHazardTest.organization_whoseCopyDiffersFromTheBuiltIn_goesByItsCopy}</td>
 *     <td>OrgLoader compiles the built-in document</td></tr>
 * <tr><td></td><td>{@code SharingHazardTest.organization_new_holdsACopyOfItsProfile}</td>
 *     <td>SystemRules.initialize writes another text than the document's</td></tr>
 * <tr><td>20</td><td>{@code HazardTest.requestId_repeated_isOneChange}, {@link RepeatHazardTest}</td>
 *     <td>Repeats finds nothing staged or nothing done, does not compare commands, or looks at no
 *     window; Staging.find leaves out the actor; a refusal names another base</td></tr>
 * <tr><td></td><td>{@code RocksReplicaHistoryTest.recent_requestWithAnId_isRememberedPerOrganizationAndActor}</td>
 *     <td>Keys.requestHash leaves out the actor</td></tr>
 * <tr><td></td><td>{@code HazardTest.requestId_whenRequestsAreForgotten_isTwoChanges}</td>
 *     <td>control</td></tr>
 * <tr><td>21</td><td>{@code CommitHazardTest.syncFailedWithoutATrace_leavesNothingStagedBehind}</td>
 *     <td>EmbeddedChangeLog.deliver does not fence; answers NotAppended to the group</td></tr>
 * <tr><td></td><td>{@code CommitFaultTest.commit_staledByARecoveryMidway_isNotAcknowledged}</td>
 *     <td>AppendQueue does not compare epochs; LiveState.recover does not read the heads again</td></tr>
 * <tr><td></td><td>{@code CommitHazardTest.hit_afterARecoveryThatFoundARevoke_isNotBelieved}</td>
 *     <td>LiveState.recover raises nothing; control: NegativeControlTest.histories_whenARecoveryInvalidatesNothing</td></tr>
 * <tr><td></td><td>{@code RepeatHazardTest.requestId_repeatedWhileTheFirstFailsToSync_isUnknownToo},
 *     {@code requestId_repeatedInTheMiddleOfARecovery_isNotAcknowledgedYet}</td>
 *     <td>OrganizationCommitter.whenDurable says "nothing was changed"; whenPublished does not compare</td></tr>
 * <tr><td>22</td><td>{@code CommitHazardTest.refusalOrNoOp_overAChangeNotYetDurable_waitsForIt}</td>
 *     <td>OrganizationCommitter.whenDurable or refuseWhenDurable does not wait</td></tr>
 * <tr><td></td><td>{@code MemoryChangeLogTest.barrier_waitsForWhatWasAppendedBefore}</td>
 *     <td>AppendQueue.addBarrier is complete at once</td></tr>
 * <tr><td>23</td><td>{@code CommitHazardTest.suspension_behindAnImportThatWaits_goesFirst}</td>
 *     <td>Staging.lock makes no difference between imports and others</td></tr>
 * <tr><td></td><td>{@code ImportRunTest.import_ofManyBatches_hasTwoUnderWayAtMost}</td>
 *     <td>ImportRun lets a third batch wait for its sync</td></tr>
 * <tr><td></td><td>{@code CommitHazardTest.changes_whileOneIsSynced_gatherForOneWrite}</td>
 *     <td>AppendQueue.takeGroup takes one; OrganizationCommitter keeps the lock during the sync</td></tr>
 * <tr><td></td><td>{@code OpeningTest.statistics_afterACommit_countItsSync}</td>
 *     <td>RocksHandle.write does not sync</td></tr>
 * <tr><td>24</td><td>{@code CommitHazardTest.command_whenTheWallClockIsBehindTheHead_isStampedLikeTheHead}</td>
 *     <td>OrganizationCommitter stamps by the clock alone; does not tell the clock</td></tr>
 * <tr><td></td><td>{@code ArchitectureTest.pureCore_readsNo_clock}</td>
 *     <td>Draft reads the clock</td></tr>
 * <tr><td></td><td>{@code SharingHazardTest.owner_forATime_isRefused}</td>
 *     <td>Grants.of takes a period for an owner role</td></tr>
 * <tr><td></td><td>{@code SharingHazardTest.share_thatOutlivesWhatIsHeld_isRefused}</td>
 *     <td>Cap.outlasts does not compare ends</td></tr>
 * <tr><td></td><td>{@code SharingHazardTest.lastSharer_besideOneForATime_cannotBeRemoved}</td>
 *     <td>Floors counts timed grants</td></tr>
 * <tr><td></td><td>{@code SharingHazardTest.lastOwner_disabledSuspendedOrDeleted_isSo}</td>
 *     <td>Floors counts active principals only. Resources without a living owner are not listed yet</td></tr>
 * <tr><td>25</td><td>{@code SharingHazardTest.import_ofGrants_isForAdministratorsAndTheirGift}</td>
 *     <td>ImportRules does not ask for an administrator; records cannot name uids, origin or giver</td></tr>
 * <tr><td></td><td>{@code AdminTransferTest.import_ofAWrongRecord_saysItsLineAndWhereToGoOn}</td>
 *     <td>ImportRun does not halve a refused batch</td></tr>
 * <tr><td></td><td>{@code OpeningTest.open_unfinishedImport_saysSo}, {@code import_intoAStore_isRefused}</td>
 *     <td>OpenedStore opens what is marked as importing; begins over a store. No table file is
 *     ingested anywhere: the one bulk way is RocksImport, into a new store by synced batches</td></tr>
 * <tr><td>26</td><td>{@code DamageTest.logCutAtARecord_isALostTail_untilItIsAccepted}</td>
 *     <td>OpenedStore does not compare the position with the witness</td></tr>
 * <tr><td></td><td>{@code TokenHazardTest.check_withATokenFromTheFuture_isUnavailable}</td>
 *     <td>Routing.requireConsistency does not compare versions</td></tr>
 * <tr><td>27</td><td>{@code TokenHazardTest.check_withATokenOfAnotherHistory_isRefused}</td>
 *     <td>Routing.requireConsistency does not compare lineages or organizations</td></tr>
 * <tr><td></td><td>{@code TokenHazardTest.token_ofBeforeARestore_isNotBelievedAfterIt}</td>
 *     <td>MemoryReplica.importing keeps the lineage; Repeats does not compare it. Restore as a command
 *     and sealed stores come later: nothing seals a store, so none can be opened wrongly</td></tr>
 * <tr><td></td><td>{@code DamageTest.logCutAtARecord_isALostTail_untilItIsAccepted}</td>
 *     <td>OpenedStore keeps the lineage of a store whose tail is lost</td></tr>
 * <tr><td>28</td><td>{@code StrictDecodingTest}</td>
 *     <td>ChangeSetCodec takes another format or bytes left over; ByteReader takes long numbers or
 *     other than UTF-8; Acceptor.advance digests a re-encoding</td></tr>
 * <tr><td></td><td>{@code MemoryReplicaTest.apply_rowThatItsTableCannotRead_isUndecodableAsAWhole}, and RocksReplicaTest</td>
 *     <td>a replica does not check rows; Rows.check does not compare keys: the test below it</td></tr>
 * <tr><td></td><td>{@code RestrictionHazardTest.record_thatCannotBeFollowed_restrictsItsOrganizationAlone}</td>
 *     <td>LiveState.accept passes over UNDECODABLE or DIVERGED; OrganizationCommitter goes on</td></tr>
 * <tr><td>41</td><td>{@code RestrictionHazardTest.gap_inTheLog_restrictsTheOrganizationAndEndsItsAllows}</td>
 *     <td>Acceptor takes a gap for STALE; control: gap_takenForACopy_isNotNoticed</td></tr>
 * </table>
 */
final class HazardTest {
  private static final Command SUSPEND_BO = new Command.SuspendPrincipal(Acme.BO, true);

  /** Hazard 20. */
  @Test
  void requestId_repeated_isOneChange() {
    try (Acme acme = new Acme()) {
      assertEquals(suspend(acme), suspend(acme));
    }
  }

  /** Hazard 20, switched off. */
  @Test
  void requestId_whenRequestsAreForgotten_isTwoChanges() {
    Replica forgetful =
        new ForwardingReplica(new MemoryReplica(Rows::check)) {
          @Override
          public Optional<Recent> recent(Uid org, Actor actor, RequestId requestId) {
            return Optional.empty();
          }
        };
    try (Acme acme = new Acme(forgetful, new Stamps())) {
      assertNotEquals(suspend(acme), suspend(acme), "a forgotten request is not noticed");
    }
  }

  /** Hazard 6. */
  @Test
  void clock_steppedBack_doesNotGoBack() {
    HandClock wall = new HandClock();
    MonotoneClock clock = new MonotoneClock(wall);
    long begin = clock.nowMicros();
    wall.set(begin + 1_000);
    assertEquals(begin + 1_000, clock.nowMicros());
    wall.set(begin - 60_000_000);
    assertEquals(begin + 1_000, clock.nowMicros());
    clock.notBefore(begin + 5_000);
    assertEquals(begin + 5_000, clock.nowMicros());
    wall.set(begin + 6_000);
    assertEquals(begin + 6_000, clock.nowMicros());
  }

  private static String suspend(Acme acme) {
    return Acme.await(acme.submit(Acme.order("r-1", "suspend", ""), SUSPEND_BO)).revision().token();
  }
}
