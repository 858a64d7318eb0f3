package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendSettings;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.HealthView;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is told when a pool is used whole because too few of it are usable. Blue has two backends. */
class PanicTest {

    private static final HealthView DOWN = new HealthView(false, Instant.MAX, Instant.MAX, 1, "refused");

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(TableWriter.class);
    private final ControlFixture fixture = ControlFixture.with("outlier-detection.panic-threshold", 60);

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() {
        logger.detachAppender(log);
        logger.setLevel(null);
        fixture.close();
    }

    @Test
    void beginAndEndAreToldAndNobodyIsToldOf503() throws Exception {
        blue(0, DOWN);
        assertThat(told())
                .containsExactly("blue is in panic: 1 of 2 backends are usable, so requests go to all of them");

        blue(1, DOWN);
        assertThat(told()).hasSize(1);

        blue(0, HealthView.UNCHECKED);
        blue(1, HealthView.UNCHECKED);
        assertThat(told()).hasSize(2).contains("blue is in panic no more: requests go to the 2 usable of 2 backends");
    }

    @Test
    void beginByAnEditIsToldToo() throws Exception {
        BackendAddress added = new BackendAddress("127.0.0.1", 9103);
        blue(0, DOWN);
        blue(0, HealthView.UNCHECKED);
        fixture.make(new PoolChange.Add(Colour.BLUE, new BackendSettings(added, 1)));
        blue(0, DOWN);
        assertThat(told()).filteredOn(text -> text.contains("in panic:")).hasSize(1);

        fixture.make(new PoolChange.Drain(Colour.BLUE, added));

        assertThat(told()).filteredOn(text -> text.contains("in panic:")).hasSize(2);
    }

    private void blue(int member, HealthView health) throws Exception {
        fixture.pool(Colour.BLUE).members().get(member).backend().setHealth(health, System.nanoTime());
        ControlFixture.get(fixture.plane.settled());
    }

    private List<String> told() {
        return log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(text -> text.startsWith("blue is"))
                .toList();
    }
}
