namespace LdcLedger.Domain.Studies;

// What a ledger notes of studies that came from another one: in a stream of its own, so that the study's events stay those of its origin.

/// <summary>
/// A study's events were read from a file. It is at rest: nobody here trains, settles or decides anything of it until it is adopted.
/// </summary>
/// <param name="Name">What it is called, for people.</param>
/// <param name="Position">Number of its events in the file: where it stood.</param>
/// <param name="Root">RFC 6962 root over them, lower-case hexadecimal.</param>
/// <param name="IsChainOurs">
/// Whether its hash chain was made here, of lines written by hand or by script; else it came with the file and was verified.
/// </param>
public sealed record StudyImported(Guid StudyId, string Name, long Position, string Root, bool IsChainOurs) : ILedgerEvent;

/// <summary>Somebody asked this ledger to go on with a study that was imported; from now on it is a study like any other.</summary>
/// <param name="Reason">What was asked for.</param>
public sealed record StudyAdopted(Guid StudyId, string Reason) : ILedgerEvent;
