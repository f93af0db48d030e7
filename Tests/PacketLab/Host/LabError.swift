internal import Glibc

/// Why a lab could not be built, or a probe not be made.
package struct LabError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, and what came of it.
    package let description: String

    /// An error in words.
    package init(_ description: String) { self.description = description }

    /// A system call that failed.
    init(call: String, errno number: Int32) { description = "\(call): \(String(cString: strerror(number)))" }
}

/// The value of a system call; a negative one throws with `errno`.
func check(_ value: Int32, _ call: @autoclosure () -> String) throws(LabError) -> Int32 {
    if value < 0 { throw LabError(call: call(), errno: errno) }
    return value
}
