/**
 * The benchmark: {@code mvn -q -Pbench -DskipTests verify}; {@code docs/benchmark.md} says what it
 * measures and how to read it.
 *
 * <p>Half of this package lies in {@code src/test}: what is only arithmetic (rounds, pairs, rows,
 * targets, the baseline), so that {@code mvn verify} tests it. The other half, in {@code
 * src/bench}, opens servers and asks them, and is compiled by the profile {@code bench} alone.
 *
 * <p><b>To add a case</b>, implement {@code Case} and list it in {@code Cases}: it then has a name
 * for {@code --only} and belongs to a form. A case asks its {@code Stage} for a server filled from
 * a {@code Scene} (a {@code BenchServer} in this process, its echo beside it), or starts a process
 * of its own and describes it as a {@code Subject}: where it listens, how it is asked, whose CPU
 * counts. {@code stage.pairs(reference, other, inFlight)} then alternates rounds of the two from
 * one load process, and {@code Pairs.row} makes a row of each figure. What cannot run here adds
 * {@code Row.absent}, with the reason.
 *
 * <p><b>To ask something else than the sidecar</b>, implement {@code Calls} (how one question is
 * asked over a channel; it runs in the load process) and name it in {@code CallKinds}. A figure
 * that needs no load process is measured by the case itself and becomes {@code Row.figure}.
 */
@NullMarked
package dev.modelgate.bench;

import org.jspecify.annotations.NullMarked;
