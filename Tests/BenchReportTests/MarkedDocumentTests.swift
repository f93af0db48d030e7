import BenchReport
import Testing

@Suite struct MarkedDocumentTests {
    private let document = """
        # Title

        <!-- bench: bars -->
        old
        <!-- end -->

        Text.

        <!-- bench: load -->
        stays
        <!-- end -->

        """

    @Test func `A part is replaced, and all else stays`() throws {
        let filled = try MarkedDocument.filled(document, with: [("bars", "| new |")])
        #expect(
            filled == """
                # Title

                <!-- bench: bars -->

                | new |

                <!-- end -->

                Text.

                <!-- bench: load -->
                stays
                <!-- end -->

                """)
    }

    @Test func `Filling in twice is filling in once`() throws {
        let once = try MarkedDocument.filled(document, with: [("bars", "new")])
        #expect(try MarkedDocument.filled(once, with: [("bars", "new")]) == once)
    }

    @Test func `A text without a place is an error that says how a place is made`() {
        let error = #expect(throws: MarkedDocument.MarkError.self) {
            try MarkedDocument.filled(document, with: [("packets", "new")])
        }
        #expect(error?.description == "no place for the part packets: a line <!-- bench: packets -->")
    }

    @Test func `A part without an end is an error`() {
        let error = #expect(throws: MarkedDocument.MarkError.self) {
            try MarkedDocument.filled("<!-- bench: bars -->\nold\n", with: [("bars", "new")])
        }
        #expect(error?.description == "the part bars has no end")
    }
}
