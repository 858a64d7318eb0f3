package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActionPlaceTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            switch          | green | blue -> green
            canary-start    | green | blue -> green
            auto-rollback   | blue  | of blue
            drain           | green | of green
            backend-add     | green | of green
            pool-set        | green | of green
            freeze          | green | ''
            config-reload   | blue  | ''
            maintenance-on  | blue  | ''
            """)
    void onlyWhatMovesTrafficGoesFromOneColourToTheOther(String action, String to, String words) {
        assertThat(ActionPlace.of(action, "blue", to)).isEqualTo(words);
    }
}
