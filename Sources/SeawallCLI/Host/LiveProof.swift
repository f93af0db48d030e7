internal import Deployment

/// The proof that what the kernel holds is what was meant.
struct LiveProof {
    let deployable: Deployable
    let host: ManagedHost

    func run() async throws {}
}
