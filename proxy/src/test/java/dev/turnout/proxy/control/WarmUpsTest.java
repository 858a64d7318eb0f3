package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.ChangeRefused.Kind;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.WarmUpOrder;
import dev.turnout.proxy.routing.WarmUpReport;
import dev.turnout.proxy.routing.Warmer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WarmUpsTest {

    private final ControlFixture fixture = ControlFixture.start();
    private final List<WarmUpOrder> orders = new ArrayList<>();
    private final List<CompletableFuture<WarmUpReport>> reports = new ArrayList<>();
    private final WarmUps warmUps = new WarmUps(fixture.board, new Remembering());

    @AfterEach
    void end() {
        fixture.close();
    }

    private static WarmUpReport report(int requests, int failed) {
        return new WarmUpReport(2, 4, requests, failed, 1, 1_000, List.of("something"));
    }

    @Test
    void whoAsksForTheSameGetsTheSameResult() {
        CompletionStage<WarmUpReport> first = warmUps.warmUp(Colour.GREEN);
        CompletionStage<WarmUpReport> second = warmUps.warmUp(Colour.GREEN);
        CompletionStage<WarmUpReport> other = warmUps.warmUp(Colour.BLUE);

        reports.get(0).complete(report(10, 3));

        assertThat(orders).extracting(WarmUpOrder::colour).containsExactly(Colour.GREEN, Colour.BLUE);
        assertThat(first.toCompletableFuture()).isCompletedWithValue(report(10, 3));
        assertThat(second.toCompletableFuture()).isCompletedWithValue(report(10, 3));
        assertThat(other.toCompletableFuture()).isNotDone();
        // The next one is one of its own.
        var unused = warmUps.warmUp(Colour.GREEN);
        assertThat(orders).hasSize(3);
    }

    @Test
    void whoAsksForSomethingElseComesAfterwards() {
        CompletionStage<WarmUpReport> first = warmUps.warmUp(Colour.GREEN);
        RoutingTable table = fixture.board.current();
        Pool green = table.pool(Colour.GREEN);
        fixture.board.publish(
                table.withPool(green.with(green.edit(), green.members().subList(0, 1))));

        CompletionStage<WarmUpReport> second = warmUps.warmUp(Colour.GREEN);
        CompletionStage<WarmUpReport> third = warmUps.warmUp(Colour.GREEN);
        assertThat(orders).hasSize(1);
        reports.get(0).complete(report(10, 0));

        assertThat(first.toCompletableFuture()).isDone();
        assertThat(orders).hasSize(2);
        assertThat(orders.get(1).backends()).hasSize(1);
        reports.get(1).complete(report(5, 0));
        assertThat(second.toCompletableFuture()).isCompletedWithValue(report(5, 0));
        assertThat(third.toCompletableFuture()).isCompletedWithValue(report(5, 0));
    }

    @Test
    void whoeverGivesUpTakesNothingFromTheOthers() {
        CompletableFuture<WarmUpReport> first = warmUps.warmUp(Colour.GREEN).toCompletableFuture();
        CompletableFuture<WarmUpReport> second = warmUps.warmUp(Colour.GREEN).toCompletableFuture();

        first.cancel(false);
        reports.get(0).complete(report(1, 0));

        assertThat(second).isCompletedWithValue(report(1, 0));
    }

    @Test
    void requestsAreCountedOnce() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        warmUps.bindTo(registry);
        var unused = warmUps.warmUp(Colour.GREEN);
        var joined = warmUps.warmUp(Colour.GREEN);
        reports.get(0).complete(report(10, 3));

        assertThat(joined.toCompletableFuture()).isDone();
        assertThat(registry.get("turnout.warm.up.requests")
                        .tags("colour", "green", "result", "ok")
                        .functionCounter()
                        .count())
                .isEqualTo(7);
        assertThat(registry.get("turnout.warm.up.requests")
                        .tags("colour", "green", "result", "failed")
                        .functionCounter()
                        .count())
                .isEqualTo(3);
    }

    @Test
    void endOfTheProcessIsARefusalAndAFaultIsAFault() {
        WarmUps ending = new WarmUps(fixture.board, new Remembering() {
            @Override
            public CompletionStage<WarmUpReport> warmUp(WarmUpOrder order) {
                throw new RejectedExecutionException("as the test wants it");
            }
        });
        CompletionStage<WarmUpReport> faulty = warmUps.warmUp(Colour.GREEN);
        reports.get(0).completeExceptionally(new IllegalStateException("as the test wants it"));
        CompletionStage<WarmUpReport> late = warmUps.warmUp(Colour.GREEN);
        reports.get(1).completeExceptionally(new CompletionException(new RejectedExecutionException()));

        assertThat(kindOf(ending.warmUp(Colour.GREEN))).isEqualTo(Kind.SHUTTING_DOWN);
        assertThat(kindOf(late)).isEqualTo(Kind.SHUTTING_DOWN);
        assertThat(faulty.toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(IllegalStateException.class);
    }

    private static Kind kindOf(CompletionStage<?> stage) {
        return stage.handle((done, failure) -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    return ((ChangeRefused) cause).kind();
                })
                .toCompletableFuture()
                .join();
    }

    /** Confined to one thread. Does nothing until the test says what came of it. */
    private class Remembering implements Warmer {

        @Override
        public int eventLoops() {
            return 2;
        }

        @Override
        public CompletionStage<WarmUpReport> warmUp(WarmUpOrder order) {
            orders.add(order);
            reports.add(new CompletableFuture<>());
            return reports.get(reports.size() - 1);
        }
    }
}
