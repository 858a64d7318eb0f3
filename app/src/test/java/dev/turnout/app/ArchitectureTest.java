package dev.turnout.app;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows of the design. Plain tests: ArchUnit's own runner was seen to run none of them and pass. */
class ArchitectureTest {

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.turnout");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([a-z]+) \\| (?!duty)");

    @ParameterizedTest
    @ValueSource(strings = {"dev.turnout.config", "dev.turnout.proxy", "dev.turnout.admin", "dev.turnout.app"})
    void everyModuleIsLookedAt(String root) {
        assertThat(ALL.stream().filter(type -> type.getPackageName().startsWith(root)))
                .hasSizeGreaterThan(10);
    }

    @Test
    void configKnowsNobodyElse() {
        noClasses()
                .that()
                .resideInAPackage("dev.turnout.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.turnout.proxy..", "dev.turnout.admin..", "dev.turnout.app..")
                .check(ALL);
    }

    @Test
    void proxyKnowsOnlyConfig() {
        noClasses()
                .that()
                .resideInAPackage("dev.turnout.proxy..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.turnout.admin..", "dev.turnout.app..")
                .check(ALL);
    }

    @Test
    void adminKnowsNothingOfTheAppAndOfTheProxyOnlyControlAndObserve() {
        noClasses()
                .that()
                .resideInAPackage("dev.turnout.admin..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.turnout.app..",
                        "dev.turnout.proxy.request..",
                        "dev.turnout.proxy.balance..",
                        "dev.turnout.proxy.http..",
                        "dev.turnout.proxy.connection..",
                        "dev.turnout.proxy.health..",
                        "dev.turnout.proxy.exchange..",
                        "dev.turnout.proxy.frontend..",
                        "dev.turnout.proxy.webhook..")
                .check(ALL);
    }

    private static final Set<String> IN_STATUS = Set.of(
            "backend.Ejection",
            "backend.FailureKind",
            "backend.HealthView",
            "routing.DrainOrder",
            "routing.DrainOrder$OnDeadline",
            "routing.Freeze",
            "routing.HoldOrder",
            "routing.InFlightView",
            "routing.MirrorOrder",
            "routing.MirrorOrder$Body",
            "routing.NameLookups$Lookup",
            "routing.Pool$Duty",
            "routing.WarmUpReport");

    /** Some value types are part of what status says and what commands are made of; whatever else is in there is not for admin. */
    @Test
    void adminSeesOfBackendAndRoutingOnlyTheValuesInStatus() {
        noClasses()
                .that()
                .resideInAPackage("dev.turnout.admin..")
                .should()
                .dependOnClassesThat(describe(
                        "are in backend or routing, but not values of status",
                        type -> (type.getPackageName().equals("dev.turnout.proxy.backend")
                                        || type.getPackageName().equals("dev.turnout.proxy.routing"))
                                && !IN_STATUS.contains(type.getName().substring("dev.turnout.proxy.".length()))))
                .check(ALL);
    }

    @Test
    void everyPackageOfTheProxyHasItsPlaceInTheTable() {
        assertThat(ALL.stream()
                        .map(type -> type.getPackageName())
                        .filter(name -> name.startsWith("dev.turnout.proxy."))
                        .collect(toSet()))
                .hasSameElementsAs(
                        layers().map(layer -> "dev.turnout.proxy." + layer).toList());
    }

    @ParameterizedTest
    @MethodSource("layers")
    void noPackageOfTheProxyCallsUpward(String layer) {
        String[] above = layers().dropWhile(each -> !each.equals(layer))
                .skip(1)
                .map(each -> "dev.turnout.proxy." + each + "..")
                .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage("dev.turnout.proxy." + layer + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(above)
                .check(ALL);
    }

    /** Packages of the proxy, lowest first, as the table of docs/ARCHITECTURE.md has them. */
    private static Stream<String> layers() {
        Path page = Path.of("..", "docs", "ARCHITECTURE.md");
        try {
            return ROW.matcher(Files.readString(page)).results().map(row -> row.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "backend", "balance", "routing", "control"})
    void decisionsAreMadeWithoutNetty(String name) {
        noClasses()
                .that()
                .resideInAPackage("dev.turnout.proxy." + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(ALL);
    }

    @Test
    void connectionsOfTrafficAreClosedInOnePlace() {
        noClasses()
                .that()
                .resideInAPackage("dev.turnout.proxy..")
                .and()
                .doNotHaveSimpleName("NettyTransport")
                .should()
                .callMethod(ChannelHandlerContext.class, "close")
                .orShould()
                .accessField(ChannelFutureListener.class, "CLOSE")
                .check(ALL);
    }

    @Test
    void configIsFreeOfNetty() {
        noClasses()
                .that()
                .resideInAPackage("dev.turnout.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(ALL);
    }

    @Test
    void onlyControlAndTheWiringPublishRoutingTables() {
        classes()
                .that()
                .resideInAPackage("dev.turnout..")
                .and()
                .resideOutsideOfPackages("dev.turnout.proxy.control..", "dev.turnout.proxy.routing..")
                .should()
                .onlyCallMethodsThat(describe("are not Switchboard.publish", method -> !method.getFullName()
                        .startsWith("dev.turnout.proxy.routing.Switchboard.publish(")))
                .check(ALL);
    }
}
