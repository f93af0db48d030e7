/// Why a JSON text could not be read or does not have the shape that was asked for.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where it happened: a line and column of the text, or the path of a value.
    package enum Place: Hashable, Sendable {
        /// Line and column, from 1; the column counts bytes.
        case position(line: Int, column: Int)
        /// The way from the root: `$.content[3].port`.
        case path(String)
    }

    /// Where.
    package let place: Place
    /// What is wrong, without the place.
    package let message: String

    /// An error at a place.
    package init(at place: Place, _ message: String) {
        self.place = place
        self.message = message
    }

    package var description: String {
        switch place {
        case .position(let line, let column): "line \(line), column \(column): \(message)"
        case .path(let path): "\(path): \(message)"
        }
    }
}
