/**
 * What shows that answers are right whatever happens. The table of {@link HazardTest} goes on here
 * with the hazards of conditions, tokens, growing privileges, watchers and impostors, under the
 * same rules: every line was seen to fail with that rule switched off.
 *
 * <table>
 * <caption>hazards, tests, and what makes them fail</caption>
 * <tr><td>7</td><td>{@code ConditionCheckTest.contexts_ofTheSameCaller_neverMix}</td>
 *     <td>Access remembers what a condition came to; Decider takes a conditional grant for granted</td></tr>
 * <tr><td></td><td>{@code ConditionCheckTest.denyRule_thatErrs_deniesAndOneThatLacksAttributesAllowsNothing}</td>
 *     <td>Access.conditionalOutcome passes over a deny rule that errs, or that lacks attributes</td></tr>
 * <tr><td></td><td>{@code ConditionCheckTest.condition_thatErrs_neverAllows}, {@code condition_byTheContext_allowsDeniesOrNamesWhatIsMissing}</td>
 *     <td>it counts a grant whose condition errs; one that lacks attributes</td></tr>
 * <tr><td>17</td><td>{@code PrivilegeHazardTest.profile_isPutByAdministratorsOnly}</td>
 *     <td>ProfileRules.put does not ask for an administrator</td></tr>
 * <tr><td></td><td>{@code ProfileTest.guardedSwitch_isTheSystemAdministrators}</td>
 *     <td>ProfileRules.requireAuthority leaves out isolation, directory or cap: one case each</td></tr>
 * <tr><td>18</td><td>{@link ClaimsTest}</td>
 *     <td>Claims.concern does not compare the subject, or the organizations; LayerGathering takes a
 *     claimed group for an exception; CachingAuthorizer keeps such answers, takes them from the
 *     cache, or does not end them with the token</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.ceilingOfAClaimedGroup_liftsNone}</td>
 *     <td>LayerGathering counts the ceilings of claimed groups</td></tr>
 * <tr><td></td><td>{@code CallerHazardTest.claimedGroup_thatAdministers_makesNobodyAnAdministrator}</td>
 *     <td>Rights gathers with a claimed group</td></tr>
 * <tr><td></td><td>{@code CallerHazardTest.actions_onClaims_endWithTheToken}</td>
 *     <td>CachingAuthorizer.listActions leaves out the end of the token</td></tr>
 * <tr><td></td><td>{@code TokenTest.groups_areNamedAfterTheirIssuer_andThoseWithoutANameLeftOut}</td>
 *     <td>TokenClaims leaves out the issuer's prefix</td></tr>
 * <tr><td></td><td>{@code IdentitySettingsTest.mistakes_areNamedWithTheirLine}, {@code CallerHazardTest.groups_ofAnIssuerOfNoOrganization_areNone}</td>
 *     <td>IssuerReader takes a groups-claim without organizations; Caller takes groups without them</td></tr>
 * <tr><td>19</td><td>{@code CallersTest.frontEnd_withoutExactlyOneActivePrincipal_isRefused}</td>
 *     <td>Requesters takes the first of several values, or acts for the front end itself without
 *     one; Rights does not ask whether the principal is active</td></tr>
 * <tr><td></td><td>{@code CallerHazardTest.adminToken_forWhatIsNoName_isNotTheSystemAdministrator}</td>
 *     <td>Requesters takes what is no name for none</td></tr>
 * <tr><td></td><td>{@code CallerHazardTest.adminToken_forAGroupThatAdministers_isRefused}</td>
 *     <td>Requesters acts for groups</td></tr>
 * <tr><td></td><td>{@code CallersTest.frontEnd_forAnAdministratorOfTheSystem_isRefused_evenWithARecord}</td>
 *     <td>Requesters does not look for system administrators</td></tr>
 * <tr><td></td><td>{@code CallersTest.frontEnd_outsideItsOrganizations_isRefused}, {@code frontEnd_withRoles_actsByGrantsOfTheseAlone}</td>
 *     <td>Requester.frontEnd is bound to no organization; Rights counts all roles</td></tr>
 * <tr><td></td><td>{@code CallerHazardTest.frontEnd_ofABoundCredential_actsWhereBothLetIt}</td>
 *     <td>Requesters.frontEnd does not look at what the credential is bound to</td></tr>
 * <tr><td></td><td>{@code CallersTest.systemAdministrator_hasNoLimits_andIsRecordedAsHisCredential}</td>
 *     <td>Requesters lets callers act for others who are no front ends</td></tr>
 * <tr><td></td><td>{@code AuthenticationTest.credentialShownTwice_isRefusedEvenIfBothAreGood}</td>
 *     <td>Authentication takes the first of two credentials</td></tr>
 * <tr><td>29</td><td>{@code DataRobotSharersRowsTest.editorWithout_andConsumerWithCanShare_givesConsumer_andNotEditor}</td>
 *     <td>Decider.shareable or shareableRank counts grants without can_share beside one that has it</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.permissionToShare_ofAnotherGrant_sharesNothing}</td>
 *     <td>HeldGrant.givesSharing does not look at the grant itself</td></tr>
 * <tr><td></td><td>{@code TypeRightGrowthTest.typeRight_withoutTheRightToShare_isNotSharedOn}</td>
 *     <td>LayerGathering.mayShareOn does not look at the right itself</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.useOfData_isGivenOnByWhoHoldsItWithTheRightToShareIt}</td>
 *     <td>HeldGrant.maskOn does not withhold data permissions</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.useOfData_whereRanksCap_isGivenOnByWhoHoldsIt}</td>
 *     <td>Cap.isWithinRank counts roles without can_use_data for what has it</td></tr>
 * <tr><td></td><td>{@code PrivilegeGrowthTest.sharer_deniedBelow_doesNotGiveItAbove}, {@code owner_belowACeiling_handsOverNoMoreThanHeHas},
 *     {@code TypeRightGrowthTest.steward_withoutAPrivilege_givesNone}</td>
 *     <td>Decider.shareable leaves out deny rules; TypeLayer.Masks.bound ceilings; privileges</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.sharer_whomAGateStops_sharesAllTheSame}</td>
 *     <td>Decider.shareable takes away what a gate closes</td></tr>
 * <tr><td></td><td>{@code PrivilegeGrowthSearchTest}, {@code search_where...}</td>
 *     <td>controls, for each bound of the giver</td></tr>
 * <tr><td>30</td><td>{@code PrivilegeHazardTest.membershipOfOthers_isChangedByAdministratorsOnly}</td>
 *     <td>MembershipRules.update lets anybody add; lets anybody remove others</td></tr>
 * <tr><td></td><td>{@code DenyRulesTest.group_namedInARule_isLeftByAdministratorsOnly}</td>
 *     <td>NamedGroups leaves out whom deny rules name, or whom they except</td></tr>
 * <tr><td></td><td>{@code TypeRightGrowthTest.group_namedInATypeRight_isLeftByAdministratorsOnly}</td>
 *     <td>NamedGroups leaves out type rights, ceilings among them; does not look at groups above.
 *     Whoever leaves a group that only has grants loses them and gains nothing, so he may</td></tr>
 * <tr><td></td><td>{@code LayerTest.everyAnswer_withEveryLayer_isThatOfTheReference}</td>
 *     <td>LayerGathering takes no ceiling for no limit where ceilings are required</td></tr>
 * <tr><td>31</td><td>{@code AttributesTest.unit_isWrittenByWhoMayTransferOnly}, {@code PrivilegeGrowthTest.move_intoAUnit_givesNoMoreThanTheMoverHas}</td>
 *     <td>AttributeRules does not ask for the right to transfer; for the cap</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.owner_isChangedByWhoMayTransferOnly}</td>
 *     <td>OwnershipRules does not ask for the right to transfer</td></tr>
 * <tr><td></td><td>{@code AttributesTest.flag_isWrittenByHoldersOfItsPermissionOnly}</td>
 *     <td>AttributeRules does not ask for what a flag needs</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.labelsAndDisplayName_areWrittenByWhoMayUpdateOnly}</td>
 *     <td>AttributeRules does not ask for the right to update. No condition sees labels</td></tr>
 * <tr><td></td><td>{@code AttributesTest.creation_withFlagsOrAForeignUnit_isForAdministrators}</td>
 *     <td>AttributeRules.requireMayCreate looks at flags, or at the unit, alone</td></tr>
 * <tr><td></td><td>{@code GoogleDeletedRowsTest.restoringAndReactivating_isForAdministratorsAlone}</td>
 *     <td>RestoreRules does not ask for an administrator</td></tr>
 * <tr><td></td><td>{@code AttributesTest.principal_isActivatedAgainByAdministratorsOnly}</td>
 *     <td>PrincipalRules.put does not ask for an administrator</td></tr>
 * <tr><td></td><td>{@code CallerHazardTest.principal_isDeletedByAdministratorsOnly}</td>
 *     <td>PrincipalRules.delete does not ask for an administrator</td></tr>
 * <tr><td>32</td><td>{@code ExternalLinksTest.check_withoutTheSecret_isDeniedAsIfTheLinkWereNotThere}</td>
 *     <td>Routing does not compare the secret, or only until it was right once</td></tr>
 * <tr><td></td><td>{@code LinkSecretTest.secret_has128RandomBitsAtLeast}, {@code ExternalLinksTest.rotation_endsTheOldSecretAtOnce}</td>
 *     <td>LinkSecret has 64 bits; has no random ones</td></tr>
 * <tr><td></td><td>{@code ExternalLinksTest.secret_isShownOnce_alsoUnderARepeatedRequestId}</td>
 *     <td>LinkRpcs shows it in every answer</td></tr>
 * <tr><td></td><td>{@code ExternalLinksTest.link_isBoundedByWhatItsMakerMayShare}</td>
 *     <td>LinkRules does not ask the cap</td></tr>
 * <tr><td></td><td>{@code LinkSecretTest.secret_asText_showsNothing}</td>
 *     <td>LinkSecret or Request is its secret as a text</td></tr>
 * <tr><td>33</td><td>{@code PolicyTest.etag_missingOrStale_isRefused_andNothingChanges}</td>
 *     <td>PolicyRules needs an etag for conditions alone</td></tr>
 * <tr><td></td><td>{@code PolicyTest.limits_applyToTheDifference_removalsIncluded}</td>
 *     <td>PolicyDifference does not ask the cap; does not ask who is above; writes removals
 *     unasked; takes what stays for new</td></tr>
 * <tr><td></td><td>{@code PolicyTest.rights_areThoseAtTheHead}</td>
 *     <td>Rights remembers masks</td></tr>
 * <tr><td>34</td><td>{@code AuthenticationTest.token_goesUntilItsEnd_thoughTheAuthenticatorStillKnowsIt}</td>
 *     <td>Authentication.isExpired is never true</td></tr>
 * <tr><td></td><td>{@code CommitHazardTest.command_whoseCredentialEndsBeforeItIsStaged_isRefused}</td>
 *     <td>Admission.requireStanding does not ask</td></tr>
 * <tr><td></td><td>{@code CredentialEndTest.*_changesNothingFromThenOn}</td>
 *     <td>Admission.requireStanding does not ask; Requesters leaves the standing out, of each of
 *     its four kinds</td></tr>
 * <tr><td></td><td>{@code CredentialEndTest.rotation_byATokenThatEndsOnTheWay_isRefused}</td>
 *     <td>AdminTokenRpcs does not ask</td></tr>
 * <tr><td></td><td>{@code CredentialEndTest.watches_whoseCredentialEnds_giveTheirPlacesBack}, {@code import_whoseCredentialEndsOnTheWay_changesNothingFromThenOn}</td>
 *     <td>ExpiringCall is not cancelled to its handler once it was cut</td></tr>
 * <tr><td></td><td>{@code CallersTest.frontEnd_forAPrincipal_actsUnderItsLimits_andBothAreRecorded}</td>
 *     <td>Admission.actor names another credential</td></tr>
 * <tr><td></td><td>{@code CallersTest.suspendedActor_changesNothing_whoeverCallsForHim}, {@code suspendedFrontEnd_changesNothing_forAnybody}</td>
 *     <td>Rights does not look at suspensions of who is acted for; of the credential's own
 *     principal</td></tr>
 * <tr><td></td><td>{@code PrivilegeHazardTest.actor_whoseGroupIsSuspended_changesNothing}</td>
 *     <td>Rights does not look at suspensions of groups</td></tr>
 * <tr><td></td><td>{@code CallersTest.suspendedOrganization_takesChangesOfTheAdminTokenAlone}</td>
 *     <td>Admission does not look at the organization; Requester.isExempt is true of every system
 *     administrator, or of nobody</td></tr>
 * <tr><td></td><td>{@code CallersTest.resume_needsAtLeastTheAuthorityThatSuspended}</td>
 *     <td>SuspensionRules does not compare authorities; a higher one does not take over</td></tr>
 * <tr><td></td><td>{@code CallersTest.delete_ofAPrincipalThatAHigherAuthoritySuspended_isRefused},
 *     {@code RestoreHazardTest.restored_whenHeWasSuspended_isSoStill}</td>
 *     <td>PrincipalRules.delete ends any suspension; RestoreRules forgets it</td></tr>
 * <tr><td>35</td><td>{@code PreviewContractTest.preview_byWhoMayNotDoIt_isRefused}</td>
 *     <td>Previews tries a mutation as the system administrator</td></tr>
 * <tr><td></td><td>{@code PreviewContractTest.preview_byWhoMayNotReadGrantsElsewhere_doesNotShowWhatChangesThere}, and the test below it</td>
 *     <td>PreviewWalk shows everything; calls complete what it withholds</td></tr>
 * <tr><td></td><td>{@code ResourceLookupTest.resources_forAnActor_areThoseWhoseGrantsHeMayRead}</td>
 *     <td>Lookups.resources does not ask for grants.read on the parent; ResourceLookup below it</td></tr>
 * <tr><td></td><td>{@code LookupCallTest.principals_withoutTheRightToReadGrants_areRefused}</td>
 *     <td>Lookups.principals does not ask for grants.read</td></tr>
 * <tr><td></td><td>{@code ExplainCallTest.explanation_withoutTheRight_isRefused}, {@code denial_ofOneself_namesNobodyElse}</td>
 *     <td>Lookups.explain does not ask for grants.read; names who could help to everybody</td></tr>
 * <tr><td></td><td>{@code AuditTest.audit_byOthers_doesNotShowThePastOfADeletedNamesake}, {@code audit_byOthers_showsWhatConcernsResourcesWhoseGrantsTheyRead}</td>
 *     <td>AuditSight does not ask for each subject; for the resource that is asked about</td></tr>
 * <tr><td></td><td>{@code AdminReadTest.resource_hidden_isNotFoundInTheSameWords}, {@code PolicyTest.rights_areThoseAtTheHead},
 *     {@code CallerHazardTest.grantsOfAPrincipal_areForReadersOfAllGrants}, {@code DenyRulesTest.rules_areWrittenByAdministratorsOnly},
 *     {@code TypeRightsTest.list_isForReadersOfGrants_andForOneself}</td>
 *     <td>Grants.onResource, Policies, Grants.ofPrincipal, DenyRules, TypeRights do not ask for
 *     grants.read</td></tr>
 * <tr><td></td><td>{@code AskingTest.callerWithoutACredential_asksAboutAnybody_andListsNothing}</td>
 *     <td>AuthorizationGrpcService.CREDENTIALED lacks one of its methods</td></tr>
 * <tr><td>39</td><td>{@code AccessHazardTest.change_atAnyReadOfTheFirstEvaluation_isTold}</td>
 *     <td>AccessWatches.settle does not compare stamps; control:
 *     change_atAReadOfTheFirstEvaluation_whenNothingIsCompared_isMissed</td></tr>
 * <tr><td></td><td>{@code AccessHazardTest.organization_suspendedAtAnyReadOfTheFirstEvaluation_isTold}</td>
 *     <td>Grounds.hold does not compare the standing, and AccessWatches.watch registers after the
 *     evaluation</td></tr>
 * <tr><td></td><td>{@code AccessHazardTest.allow_thatIsOldWhenItIsReady_isNotTold}</td>
 *     <td>AccessWatches.settle tells an allow that does not hold</td></tr>
 * <tr><td></td><td>{@code AccessHazardTest.grant_thatEndsWhileItIsLookedAt_isNotTold}</td>
 *     <td>AccessWatches.settle does not ask for the time again</td></tr>
 * <tr><td></td><td>{@code AccessHazardTest.changes_manyWhileOneIsLookedAt_areLookedAtTogether}</td>
 *     <td>AccessWatches evaluates for each change; forgets what was marked meanwhile, and does not
 *     compare stamps either, for each of the two is enough for a change</td></tr>
 * <tr><td></td><td>{@code AccessHazardTest.change_thatCannotBeLookedAt_isALoss}, {@code evaluation_thatFails_isALoss},
 *     {@code change_whenNothingIsEvaluatedAnyMore_isALoss}</td>
 *     <td>AccessWatches.tick does not look at what waits; AccessWatches.evaluate passes over a failure;
 *     Reevaluation.shed does nothing</td></tr>
 * <tr><td></td><td>{@code RandomWatchTest}</td>
 *     <td>WatchBook.changed leaves out stripes, or standings; controls: nobody hears of
 *     publications, nobody looks at the time</td></tr>
 * <tr><td></td><td>{@code WatchStreamTest.silence_forItsTime_losesEverything}, {@code TokenStreamTest.streams_whenTheSidecarIsGone_areCutAfterASecond}</td>
 *     <td>WatchStream.tick does not look at the silence; passes over watches that are not answered
 *     again</td></tr>
 * <tr><td></td><td>{@code WatchStreamTest.word_ofAnotherStream_isNotBelieved}</td>
 *     <td>WatchStream.told does not ask which stream it is of</td></tr>
 * <tr><td></td><td>{@code HeldCallTest.denial_ofALaterOne_silencesTheHandler}</td>
 *     <td>HeldCall.GuardedCall.isCancelled does not know of the denial</td></tr>
 * <tr><td></td><td>{@code RunningAccessTest.message_thatAsksTheSame_isCheckedAnew}</td>
 *     <td>RunningAccess.ask believes what was told</td></tr>
 * <tr><td></td><td>{@code TokenStreamTest.streams_ofWhomeverMayNoMore_areCutAndNoOthers}</td>
 *     <td>HeldCall.cut does nothing; ModelgateInterceptor checks streams once</td></tr>
 * <tr><td></td><td>{@code StreamCutIT}</td>
 *     <td>HeldCall.cut, or RunningWatches.cut, does nothing; a cut comes late by 100 ms</td></tr>
 * <tr><td></td><td>{@link WatchLoadTest}</td>
 *     <td>WatchBook.changed names every watch</td></tr>
 * <tr><td></td><td>{@code BlockingHandlerTest}</td>
 *     <td>HeldCall runs a handler on the thread that tells verdicts, or on the one that cuts</td></tr>
 * <tr><td></td><td>{@code AccessStreamsTest}</td>
 *     <td>ToldAccess forgets a denial before an allow; AccessStreams.tick lets streams go on whose
 *     time nobody looks at</td></tr>
 * <tr><td></td><td>{@code GatewayCutTest.revoke_endsEveryStreamThatItConcerns_andNoOther}</td>
 *     <td>RunningWatches.begun watches nothing; RunningWatches.watch leaves out what was asked first</td></tr>
 * <tr><td></td><td>{@code AccessStreamTest.silence_isFilledWithHeartbeats}</td>
 *     <td>AccessStream.tick writes none</td></tr>
 * <tr><td>40</td><td>{@code PeerVerifierTest.peer_ofAnotherUser_isClosedBeforeAnythingBegins}</td>
 *     <td>PeerVerifier does not compare the peer's uid</td></tr>
 * <tr><td></td><td>{@code PeerVerifierTest.directory_thatEverybodyMayWriteTo_isRefused},
 *     {@code socket_ofAnotherOwnerThanItsDirectory_isRefused}, {@code socket_ofAStranger_isRefusedUnlessHeIsNamed}</td>
 *     <td>PeerVerifier.ownerOf does not look at the mode; at the socket's owner; at whom we trust</td></tr>
 * <tr><td></td><td>{@code PeerVerifierTest.socket_thatIsNotTrustedAnyMore_isNotConnectedTo}</td>
 *     <td>PeerVerifier looks only after it has connected</td></tr>
 * <tr><td></td><td>{@code PeerVerifierTest.directory_whereOnlyRootCanHaveMadeIt_isGiven}</td>
 *     <td>PeerVerifier.isGiven does not look at the owners above</td></tr>
 * </table>
 */
package dev.modelgate.proof;
