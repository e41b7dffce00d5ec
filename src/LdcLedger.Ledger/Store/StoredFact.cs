using System.Reflection;
using JasperFx.Events;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using Marten.Events;
using Marten.Services.Json.Transformations.SystemTextJson;

namespace LdcLedger.Ledger.Store;

/// <summary>The seam to Marten, which knows events as objects.</summary>
internal static class StoredFact
{
    extension(IEvent stored)
    {
        /// <summary>What the event states. Nothing else is ever appended to the ledger's streams.</summary>
        public ILedgerEvent Fact => (ILedgerEvent)stored.Data;
    }

    /// <summary>Tells Marten the name that a kind is stored under, and how its earlier shapes are read.</summary>
    public static void Map(IEventStoreOptions events, EventKind kind)
    {
        events.MapEventType(kind.Record, kind.Alias);
        if (kind.Upcast is not null)
            Upcasting.MakeGenericMethod(kind.Record).Invoke(null, [events, kind]);
    }

    private static readonly MethodInfo Upcasting =
        typeof(StoredFact).GetMethod(nameof(MapUpcast), BindingFlags.NonPublic | BindingFlags.Static)!;

    private static void MapUpcast<T>(IEventStoreOptions events, EventKind kind) where T : class => events.Upcast(
        kind.Record, kind.Alias,
        JsonTransformations.Upcast(stored => (T)(object)LedgerJson.Read(kind, stored.RootElement.GetRawText())));
}
