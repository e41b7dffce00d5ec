using JasperFx.Events;
using LdcLedger.Domain;

namespace LdcLedger.Ledger.Store;

/// <summary>The seam to Marten, which knows events as objects.</summary>
internal static class StoredFact
{
    extension(IEvent stored)
    {
        /// <summary>What the event states. Nothing else is ever appended to the ledger's streams.</summary>
        public ILedgerEvent Fact => (ILedgerEvent)stored.Data;
    }
}
