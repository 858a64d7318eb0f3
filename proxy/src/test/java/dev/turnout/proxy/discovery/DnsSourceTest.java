package dev.turnout.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.DnsSettings;
import dev.turnout.proxy.discovery.BackendSource.Result;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.NameLookups.Lookup;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DnsSourceTest {

    private static final BackendName NAME = new BackendName("app.internal", 80);
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    private static final Answer NOBODY = new Answer.Failed("no name server answered");
    private static final Answer NO_NAME = new Answer.Absent("there is no such name");

    /** Its event loop has a clock that a test moves. */
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private final List<Object> told = new ArrayList<>();
    private Instant now = START;
    private long nanos = Long.MAX_VALUE - 5;
    private Answer answer = leads(60, 1);
    private int looks;

    DnsSourceTest() {
        channel.freezeTime();
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    @Test
    void answerIsToldAndHoldsForTheTimeOfItsRecords() {
        answer = leads(10, 1, 2);
        DnsSource source = start(DnsSettings.Absent.KEEP);

        assertThat(told).containsExactly(List.of(found(1), found(2)), Result.FOUND);
        assertThat(source.lookup().orElseThrow())
                .isEqualTo(new Lookup(START, START, START.plusSeconds(10), Optional.empty()));
        pass(Duration.ofMillis(8900));
        assertThat(looks).isEqualTo(1);
        pass(Duration.ofMillis(1100));
        assertThat(looks).isEqualTo(2);
    }

    @Test
    void timeOfRecordsIsBounded() {
        answer = leads(0, 1);
        start(DnsSettings.Absent.KEEP);
        pass(Duration.ofMillis(890));
        assertThat(looks).isEqualTo(1);
        answer = leads(86_400, 1);
        pass(Duration.ofMillis(110));
        assertThat(looks).isEqualTo(2);
        pass(Duration.ofSeconds(30));
        assertThat(looks).isEqualTo(3);
    }

    @Test
    void failureTellsNobodyAndIsTriedAgainEverLater() {
        DnsSource source = start(DnsSettings.Absent.DRAIN);
        told.clear();
        answer = NOBODY;

        pass(Duration.ofSeconds(30));
        assertThat(told).containsExactly(Result.FAILED);
        Lookup lookup = source.lookup().orElseThrow();
        assertThat(lookup.problem()).contains("no name server answered, what it led to stays");
        assertThat(lookup.resolvedAt()).isEqualTo(START);
        int before = looks;
        pass(Duration.ofSeconds(1));
        assertThat(looks).isEqualTo(before + 1);
        pass(Duration.ofMillis(1700));
        assertThat(looks).isEqualTo(before + 1);
        pass(Duration.ofMillis(300));
        assertThat(looks).isEqualTo(before + 2);
        for (int i = 0; i < 3600; i++) {
            pass(Duration.ofSeconds(1));
        }
        assertThat(looks - before).isBetween(3600 / 30, 3600 / 25);
        assertThat(told).doesNotContain(List.of());

        answer = leads(60, 3);
        pass(Duration.ofSeconds(30));
        assertThat(told).endsWith(List.of(found(3)), Result.FOUND);
        assertThat(source.lookup().orElseThrow().problem()).isEmpty();
    }

    @Test
    void absentNameKeepsWhatItHad() {
        DnsSource source = start(DnsSettings.Absent.KEEP);
        told.clear();
        answer = NO_NAME;

        pass(Duration.ofMinutes(2));

        assertThat(told).contains(Result.ABSENT).doesNotContain(List.of());
        assertThat(source.lookup().orElseThrow().problem()).contains("there is no such name, what it led to stays");
    }

    @Test
    void absentNameIsDrainedWhenThatHasLasted() {
        DnsSource source = start(DnsSettings.Absent.DRAIN);
        told.clear();
        answer = NO_NAME;
        pass(Duration.ofSeconds(30));
        assertThat(told).containsExactly(Result.ABSENT);
        assertThat(source.lookup().orElseThrow().problem())
                .contains("there is no such name, what it led to is drained in 20 s");

        for (int i = 0; i < 25; i++) {
            pass(Duration.ofSeconds(1));
        }

        assertThat(told).contains(List.of());
        assertThat(source.lookup().orElseThrow().problem())
                .contains("there is no such name, what it led to is drained");
        answer = NOBODY;
        pass(Duration.ofSeconds(30));
        assertThat(source.lookup().orElseThrow().problem())
                .contains("no name server answered, what it led to is drained");
    }

    @ParameterizedTest
    @EnumSource
    void nameThatNeverLedAnywhereHasNothingToKeep(DnsSettings.Absent absent) {
        answer = NO_NAME;
        DnsSource source = start(absent);
        assertThat(source.lookup().orElseThrow().problem()).contains("there is no such name, it leads nowhere");

        pass(Duration.ofMinutes(2));
        assertThat(source.lookup().orElseThrow().problem()).contains("there is no such name, it leads nowhere");

        answer = NOBODY;
        pass(Duration.ofMinutes(2));
        assertThat(source.lookup().orElseThrow().problem()).contains("no name server answered, it leads nowhere");
    }

    @Test
    void nameThatLedSomewhereInTheLastProcessHasSomethingToKeep() {
        answer = NOBODY;
        DnsSource source = start(DnsSettings.Absent.KEEP, true);

        assertThat(source.lookup().orElseThrow().problem()).contains("no name server answered, what it led to stays");
    }

    @Test
    void clockThatIsSetDrainsNobodySooner() {
        start(DnsSettings.Absent.DRAIN);
        told.clear();
        answer = NO_NAME;
        pass(Duration.ofSeconds(30));
        now = now.plus(Duration.ofHours(1));
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(1));
        }

        assertThat(told).containsOnly(Result.ABSENT);
    }

    @Test
    void answerInBetweenBeginsTheHoldAnew() {
        start(DnsSettings.Absent.DRAIN);
        told.clear();
        for (int i = 0; i < 10; i++) {
            answer = NO_NAME;
            for (int j = 0; j < 15; j++) {
                pass(Duration.ofSeconds(1));
            }
            answer = leads(1, 1);
            for (int j = 0; j < 30 && !told.contains(Result.FOUND); j++) {
                pass(Duration.ofSeconds(1));
            }
            assertThat(told).contains(Result.FOUND).doesNotContain(List.of());
            told.clear();
        }
    }

    @Test
    void closedOneIsSilent() {
        CompletableFuture<Answer> late = new CompletableFuture<>();
        DnsSource source = new DnsSource(
                NAME,
                false,
                settings(DnsSettings.Absent.KEEP),
                name -> late,
                channel.eventLoop(),
                () -> now,
                this::nanos);
        source.start(listener());

        source.close();
        late.complete(leads(1, 1));
        pass(Duration.ofMinutes(1));

        assertThat(told).isEmpty();
        assertThat(source.lookup()).isEmpty();
    }

    private DnsSource start(DnsSettings.Absent absent) {
        return start(absent, false);
    }

    private DnsSource start(DnsSettings.Absent absent, boolean leads) {
        DnsSource source = new DnsSource(
                NAME,
                leads,
                settings(absent),
                name -> {
                    assertThat(name).isEqualTo(NAME);
                    looks++;
                    return CompletableFuture.completedFuture(answer);
                },
                channel.eventLoop(),
                () -> now,
                this::nanos);
        source.start(listener());
        return source;
    }

    private BackendSource.Listener listener() {
        return new BackendSource.Listener() {
            @Override
            public void found(List<Found> all) {
                told.add(all);
            }

            @Override
            public void looked(Result result) {
                told.add(result);
            }
        };
    }

    private long nanos() {
        return nanos;
    }

    private void pass(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    private static DnsSettings settings(DnsSettings.Absent absent) {
        return new DnsSettings(
                List.of(),
                DnsSettings.Family.IPV4_FIRST,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                absent,
                Duration.ofSeconds(20));
    }

    private static Answer leads(long ttl, int... last) {
        List<Found> found = new ArrayList<>();
        for (int each : last) {
            found.add(found(each));
        }
        return new Answer.Leads(found, ttl);
    }

    private static Found found(int last) {
        return new Found(new BackendAddress("10.0.0." + last, 80), 1, 0, NAME.toString());
    }
}
