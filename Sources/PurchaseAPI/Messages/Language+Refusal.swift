import PurchaseContracts

extension Language {
    /// The catalogue's sentence for a refusal, with its numbers.
    public func sentence(for refusal: Refusal) -> String {
        Catalogue.wording(of: refusal.code.rawValue, in: self).detail(refusal.parameters)
    }
}
