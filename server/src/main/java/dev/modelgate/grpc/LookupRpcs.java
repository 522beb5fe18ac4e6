package dev.modelgate.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.modelgate.app.identity.Asking;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.LookupPage;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.PrincipalQuery;
import dev.modelgate.app.query.ResourceQuery;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.store.Digest;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.ConditionalPrincipal;
import dev.modelgate.v1.ConditionalResource;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupPrincipalsResponse;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.LookupResourcesResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;

/** Reads and answers the lookups of the data plane. */
final class LookupRpcs {
  private static final int MISSING_MAX = 64;

  private final Lookups lookups;

  LookupRpcs(Lookups lookups) {
    this.lookups = lookups;
  }

  LookupResourcesResponse resources(
      LookupResourcesRequest request, Requester requester, Asking asking) {
    ResourceQuery query =
        new ResourceQuery(
            Fields.principal("principal", request.getPrincipal()),
            CheckMessages.action(request.getAction()),
            Fields.resource("parent", request.getParent()),
            request.getKind(),
            context(request.getContext()));
    AskingBounds.require(asking, query.parent(), query.principal());
    LookupPage page =
        lookups.resources(
            query, requester, PageRequest.of(request.getPageSize(), request.getPageToken()));
    LookupResourcesResponse.Builder response =
        LookupResourcesResponse.newBuilder()
            .setRevision(page.revision())
            .addAllResources(page.allowed())
            .setNextPageToken(page.nextToken())
            .setComplete(page.complete());
    for (LookupPage.Conditional conditional : page.conditional()) {
      response.addConditionalResources(
          ConditionalResource.newBuilder()
              .setResource(conditional.name())
              .addAllMissingAttributes(bounded(conditional.missing())));
    }
    if (page.validUntilMicros() != Micros.NEVER) {
      response.setValidUntil(timestamp(page.validUntilMicros()));
    }
    return response.build();
  }

  LookupPrincipalsResponse principals(
      LookupPrincipalsRequest request, Requester requester, Asking asking) {
    PrincipalQuery query =
        new PrincipalQuery(
            Fields.resource("resource", request.getResource()),
            CheckMessages.action(request.getAction()),
            request.getExpandGroups(),
            context(request.getContext()));
    AskingBounds.requireAnybody(asking, query.resource());
    LookupPage page =
        lookups.principals(
            query, requester, PageRequest.of(request.getPageSize(), request.getPageToken()));
    LookupPrincipalsResponse.Builder response =
        LookupPrincipalsResponse.newBuilder()
            .setRevision(page.revision())
            .addAllPrincipals(page.allowed())
            .setNextPageToken(page.nextToken())
            .setComplete(page.complete());
    for (LookupPage.Conditional conditional : page.conditional()) {
      response.addConditionalPrincipals(
          ConditionalPrincipal.newBuilder()
              .setPrincipal(conditional.name())
              .addAllMissingAttributes(bounded(conditional.missing())));
    }
    if (page.validUntilMicros() != Micros.NEVER) {
      response.setValidUntil(timestamp(page.validUntilMicros()));
    }
    return response.build();
  }

  static List<String> bounded(List<String> attributes) {
    return attributes.size() <= MISSING_MAX ? attributes : attributes.subList(0, MISSING_MAX);
  }

  static Timestamp timestamp(long micros) {
    var time = Micros.toInstant(micros);
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  static LookupContext context(Struct context) {
    return context.getFieldsCount() == 0
        ? LookupContext.NONE
        : new LookupContext(ContextMessages.request(context, "").context(), digest(context));
  }

  /** Of a context in the one encoding in which its fields are sorted. */
  private static String digest(Struct context) {
    byte[] bytes = new byte[context.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      context.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes what was measured", e);
    }
    return HexFormat.of().formatHex(Digest.sha256().digest(bytes));
  }
}
