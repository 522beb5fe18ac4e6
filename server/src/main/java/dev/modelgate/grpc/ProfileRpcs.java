package dev.modelgate.grpc;

import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.ProfileView;
import dev.modelgate.app.query.Profiles;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.GetProfileResponse;
import dev.modelgate.v1.ListProfilesRequest;
import dev.modelgate.v1.ListProfilesResponse;
import dev.modelgate.v1.Profile;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.PutProfileResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads and answers the requests about profiles. */
final class ProfileRpcs {
  private final Profiles profiles;

  ProfileRpcs(Profiles profiles) {
    this.profiles = profiles;
  }

  Mutation<PutProfileResponse> put(PutProfileRequest request) {
    String id = Fields.organizationId("organization", request.getOrganization());
    if (request.getDocument().isEmpty() == request.getBuiltIn().isEmpty()) {
      throw Fields.invalid("document", "", "exactly one of document and built_in");
    }
    return new Mutation<>(
        id,
        new Command.PutProfile(
            document("document", request.getDocument()),
            request.getBuiltIn(),
            Fields.etag("etag", request.getEtag())),
        outcome ->
            PutProfileResponse.newBuilder()
                .setRevision(outcome.revision().token())
                .setProfile(
                    profile(
                        profiles.changed(
                            id, Written.only(outcome, Table.PROFILES, ProfileRow::decode))))
                .build());
  }

  GetProfileResponse get(GetProfileRequest request, Requester requester) {
    if (request.getOrganization().isEmpty() == request.getBuiltIn().isEmpty()) {
      throw Fields.invalid(
          "organization", request.getOrganization(), "exactly one of organization and built_in");
    }
    boolean builtIn = !request.getBuiltIn().isEmpty();
    if (request.getVersion() < 0 || builtIn && request.getVersion() != 0) {
      throw Fields.invalid(
          "version",
          String.valueOf(request.getVersion()),
          builtIn ? "0 with built_in" : "0 or a version");
    }
    ProfileView view =
        builtIn
            ? profiles.builtIn(request.getBuiltIn())
            : profiles.get(
                Fields.organizationId("organization", request.getOrganization()),
                request.getVersion(),
                requester);
    return GetProfileResponse.newBuilder().setProfile(profile(view)).build();
  }

  ListProfilesResponse list(ListProfilesRequest request, Requester requester) {
    Optional<String> organization =
        request.getOrganization().isEmpty()
            ? Optional.empty()
            : Optional.of(Fields.organizationId("organization", request.getOrganization()));
    Page<ProfileView> page =
        profiles.list(
            organization, requester, PageRequest.of(request.getPageSize(), request.getPageToken()));
    return ListProfilesResponse.newBuilder()
        .addAllProfiles(page.items().stream().map(ProfileRpcs::profile).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  /** A document, which may be empty. */
  static String document(String field, String text) {
    Fields.atMost(field, text.getBytes(StandardCharsets.UTF_8).length, ProfileDocument.CHARS_MAX);
    return text;
  }

  /** A profile as a message. */
  static Profile profile(ProfileView view) {
    Profile.Builder message =
        Profile.newBuilder()
            .setName(
                view.organization()
                    .map(id -> "organizations/" + id + "/profiles/" + view.version())
                    .orElse("profiles/" + view.profile()))
            .setProfile(view.profile())
            .setVersion(view.version())
            .setCurrent(view.current())
            .setDocument(view.document())
            .setDigest(view.digest())
            .setEtag(view.etag());
    view.createdAt().ifPresent(time -> message.setCreateTime(AdminMessages.timestamp(time)));
    return message.build();
  }
}
