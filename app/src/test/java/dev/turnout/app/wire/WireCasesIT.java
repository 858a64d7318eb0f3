package dev.turnout.app.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case of the corpus against the real application: as it stands, with the client's bytes one by one, and with the
 * backend's bytes one by one. The result is the same each time.
 */
final class WireCasesIT {

    private static final int LANES = 6;

    private final List<WireCase> cases = WireCases.all();

    @Test
    void corpusHasEnoughCasesAndNoNameTwice() {
        assertThat(cases).hasSizeGreaterThanOrEqualTo(150);
        assertThat(cases.stream().map(WireCase::id)).doesNotHaveDuplicates();
    }

    @TestFactory
    Stream<DynamicTest> casesInWholeWrites() throws IOException {
        return run(WireRun.Split.NONE);
    }

    @TestFactory
    Stream<DynamicTest> casesWithTheClientsBytesOneByOne() throws IOException {
        return run(WireRun.Split.CLIENT);
    }

    @TestFactory
    Stream<DynamicTest> casesWithTheBackendsBytesOneByOne() throws IOException {
        return run(WireRun.Split.BACKEND);
    }

    private Stream<DynamicTest> run(WireRun.Split split) throws IOException {
        try (TurnoutLanes turnouts = new TurnoutLanes(LANES)) {
            Map<String, Observed> observed = Lane.playAll(cases, turnouts.lanes(), split);
            return cases.stream()
                    .map(each -> DynamicTest.dynamicTest(each.toString(), () -> {
                        Observed came = observed.get(each.id());
                        assertThat(came).isNotNull();
                        assertThat(came == null ? List.of() : came.faults(each))
                                .as(each.toString())
                                .isEmpty();
                    }));
        }
    }
}
