internal import Diagnostics
internal import IPTablesBackend

/// Leads messages about the text that was imported back to the rules of the kernel: by chain, and place in it from 1.
struct RulePlaces {
    private let places: [SourceLocation: SourceLocation]

    /// The places of some families' rules.
    init(_ parts: [MigrationPart]) {
        places = parts.reduce(into: [:]) { places, part in
            for (line, place) in part.places { places[SourceLocation(file: part.textName, line: line)] = place }
        }
    }

    /// A message with the places of the kernel's rules.
    func located(_ diagnostic: Diagnostic) -> Diagnostic {
        var diagnostic = diagnostic
        diagnostic.location = located(diagnostic.location)
        diagnostic.notes = diagnostic.notes.map { Diagnostic.Note($0.message, at: located($0.location)) }
        return diagnostic
    }

    /// An error with the places of the kernel's rules.
    func located(_ error: DiagnosticError) -> DiagnosticError {
        DiagnosticError(error.outcome, error.diagnostics.map { located($0) })
    }

    private func located(_ location: SourceLocation?) -> SourceLocation? {
        guard let location, let line = location.line else { return location }
        return places[SourceLocation(file: location.file, line: line)] ?? location
    }
}
