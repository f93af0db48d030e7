internal import ArgumentParser

/// Whether a change of the host goes back by itself.
struct WayBackOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Go back to what was before unless 'seawall confirm' comes within this time: 60s, 5m, 1h.",
            valueName: "time"))
    var confirmWithin: DurationArgument?
}
