package dev.turnout.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.observe.ExchangeObserver.Side;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExchangeObserversTest {

    @Test
    void bothAreToldEverythingInOrder() {
        List<String> told = new ArrayList<>();
        ExchangeObserver both = ExchangeObservers.both(new Recorder("a", told), new Recorder("b", told));

        both.started();
        both.retried(Colour.GREEN, "connect-failed");
        both.connectionOpened(Side.CLIENT);
        both.connectionClosed(Side.BACKEND);
        both.finished(new FinishedExchange());

        assertThat(told)
                .containsExactly(
                        "a started",
                        "b started",
                        "a retried GREEN connect-failed",
                        "b retried GREEN connect-failed",
                        "a opened CLIENT",
                        "b opened CLIENT",
                        "a closed BACKEND",
                        "b closed BACKEND",
                        "a finished 200",
                        "b finished 200");
    }

    private record Recorder(String name, List<String> told) implements ExchangeObserver {

        @Override
        public void started() {
            told.add(name + " started");
        }

        @Override
        public void finished(ExchangeView exchange) {
            told.add(name + " finished " + exchange.status());
        }

        @Override
        public void retried(Colour colour, String reason) {
            told.add(name + " retried " + colour + " " + reason);
        }

        @Override
        public void connectionOpened(Side side) {
            told.add(name + " opened " + side);
        }

        @Override
        public void connectionClosed(Side side) {
            told.add(name + " closed " + side);
        }
    }
}
