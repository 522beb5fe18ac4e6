package dev.modelgate.grpc;

import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import java.util.function.Function;

/**
 * A mutation as its request says it.
 *
 * @param organizationId where to; {@code system} for a system command
 * @param answer what the caller is told of what became of it; may block for reads
 */
record Mutation<A>(String organizationId, Command command, Function<Outcome, A> answer) {}
