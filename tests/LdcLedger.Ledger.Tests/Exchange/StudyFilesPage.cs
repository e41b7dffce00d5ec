using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Tests.Exchange;

/// <summary>
/// What infra/study-files.md lists below its mark: every kind of event of a study, with its fields, taken from the records themselves and
/// their comments.
/// </summary>
internal static partial class StudyFilesPage
{
    public const string Mark = "<!-- From here on made from the records by StudyFilesPageTests; change the records' comments instead. -->";

    // For fields that say the same wherever they stand.
    private static readonly Dictionary<string, string> Everywhere = new()
    {
        ["studyId"] = "The study's id: any UUID, taken as given.",
        ["runId"] = "The run's id: any UUID, taken as given.",
        ["name"] = "What it is called.",
        ["model"] = "Name of one of the study's models.",
        ["domain"] = "Name of one of the study's domains.",
        ["role"] = "As the run was planned.",
        ["tuning"] = "As the run was planned.",
        ["seed"] = "As the run was planned; null for a baseline.",
        ["epoch"] = "1, 2, ...",
        ["layer"] = "Counted from 0.",
        ["attempt"] = "Which attempt at the run: 1, 2, ...",
        ["reason"] = "A sentence for people.",
        ["worker"] = "Name of the worker.",
        ["projection"] = "q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj or down_proj.",
        ["group"] = "mlp or attention.",
        ["path"] = "Where it lay; no part of what it is.",
        ["version"] = "1, 2, ...",
        ["rule"] = "The whole aggregation rule.",
        ["models"] = "The models.",
        ["domains"] = "The domains.",
        ["weightsSha256"] = "Of the model's weights.",
        ["configSha256"] = "Of config.json.",
        ["tokenizerSha256"] = "Of the tokenizer's files.",
        ["dataSha256"] = "Of the corpus.",
        ["sha256"] = "Of its content.",
        ["bytes"] = "Its size.",
        ["records"] = "Records of the corpus.",
        ["heldOutRecords"] = "Of these, the ones that are evaluated on.",
        ["scoredTokens"] = "Tokens that the sum is over.",
        ["spec"] = "What was asked for.",
        ["environment"] = "What it was computed with.",
        ["projections"] = "One for each adapted projection of the layer.",
        ["documents"] = "Held-out documents that were scored.",
        ["pretrained"] = "Whether it is of the pretrained model.",
        ["step"] = "Optimizer steps done.",
        ["lastGoodLossNats"] = "The last training loss that was a number, in nats per token.",
        ["rankings"] = "The rankings that it was decided by.",
        ["score"] = "Its score under the rule.",
        ["failed"] = "Runs that failed.",
        ["cancelled"] = "Runs that were cancelled.",
        ["abandoned"] = "Runs that were given up.",
        ["lora"] = "How adapters are made.",
        ["data"] = "How texts become rows of tokens.",
        ["training"] = "How it is trained.",
        ["evaluation"] = "How perplexity is measured.",
        ["stage2"] = "What the second stage targets.",
        ["nats"] = "Summed loss.",
        ["tokens"] = "Tokens that the sum is over.",
        ["runs"] = "The runs that follow from it.",
        ["layers"] = "Best first.",
        ["seeds"] = "Each seed makes every tuning once.",
        ["regimes"] = "What stage 1 trains in every layer: attention, mlp, all.",
        ["epochs"] = "How often the corpus is gone through.",
        ["learningRate"] = "The highest of the schedule.",
        ["weightDecay"] = "AdamW's.",
        ["maxGradNorm"] = "Gradients are scaled down to this norm.",
        ["length"] = "In tokens.",
        ["stride"] = "In tokens.",
        ["host"] = "Name of the machine.",
        ["operatingSystem"] = "As it calls itself.",
        ["processor"] = "As it calls itself.",
        ["runtime"] = ".NET and its version.",
        ["ldcVersion"] = "Version of ldc.",
    };

    // Where the record's comment is for those who have the code before them.
    private static readonly Dictionary<string, string> ForOthers = new()
    {
        ["RunSettled.outcome"] = "completed, failed, cancelled or abandoned.",
        ["RunPlanned.tuning"] = "What is trained, in canonical text: layers and their projections, such as "
            + "`0-15:q_proj,k_proj,v_proj,o_proj` or `5:gate_proj,up_proj,down_proj;7:gate_proj,up_proj,down_proj`; empty for a baseline.",
        ["TargetedRun.tuning"] = "As in `run_planned`.",
    };

    /// <summary>The text below the mark.</summary>
    public static string Generated()
    {
        var comments = Comments();
        var text = new StringBuilder();
        var records = new List<Type>();
        foreach (var kind in EventKinds.All.Where(k => k.Stream is EventStream.Study or EventStream.Run))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### `{kind.Alias}`\n\n")
                .Append(kind.Stream == EventStream.Study ? "In the study's stream. " : "In the run's stream. ")
                .Append(comments.Summary(kind.Record)).Append("\n\n");
            Table(text, kind.Record, comments, records);
        }
        text.Append("\n## Objects in fields\n");
        for (var i = 0; i < records.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {records[i].Name}\n\n");
            if (comments.Summary(records[i]) is { Length: > 0 } summary)
                text.Append(summary).Append("\n\n");
            Table(text, records[i], comments, records);
        }
        return text.ToString();
    }

    private static void Table(StringBuilder text, Type record, RecordComments comments, List<Type> records)
    {
        text.Append("| field | holds | meaning |\n|---|---|---|\n");
        foreach (var field in FactShape.Of(record).Fields)
        {
            if (field.Shape is { } shape && !records.Contains(shape.Record))
                records.Add(shape.Record);
            var holds = field.Shape is null ? field.Words : field.IsList ? $"a list of {field.Type.Name}" : field.Type.Name;
            if (field.MayBeNull)
                holds += ", or null";
            if (field.FirstDefault is { } first)
                holds += $"; by hand it may be absent: {JsonSerializer.Serialize(first.Value, LedgerJson.Options)}";
            else if (field is { Shape: { } section, IsList: false } && section.Fields.All(f => f.FirstDefault is not null))
                holds += "; by hand it may be absent";
            else if (field.MayBeAbsent)
                holds += "; may be absent";
            text.Append(CultureInfo.InvariantCulture,
                $"| `{field.Name}` | {holds.Replace("|", "\\|", StringComparison.Ordinal)} | {comments.Field(record, field.Name)} |\n");
        }
    }

    private static RecordComments Comments() => new(XDocument.Load(Path.Combine(AppContext.BaseDirectory, "LdcLedger.Domain.xml")));

    /// <summary>The comments of the Domain, as its build writes them.</summary>
    private sealed partial class RecordComments(XDocument file)
    {
        private readonly Dictionary<string, XElement> _members =
            file.Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);

        public string Summary(Type record) => Text(_members.GetValueOrDefault($"T:{record.FullName}")?.Element("summary"));

        public string Field(Type record, string name)
        {
            var own = _members.GetValueOrDefault($"T:{record.FullName}")?.Elements("param")
                .FirstOrDefault(p => JsonNamingPolicy.CamelCase.ConvertName(p.Attribute("name")!.Value) == name);
            var text = ForOthers.GetValueOrDefault($"{record.Name}.{name}") ?? Text(own);
            return text.Length > 0 ? text : Everywhere.GetValueOrDefault(name)
                ?? throw new InvalidOperationException($"{record.Name}.{name} has no comment: say in the record what it means.");
        }

        private static string Text(XElement? comment)
        {
            if (comment is null)
                return "";
            var words = string.Concat(comment.Nodes().Select(node => node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" } see => (see.Attribute("cref") ?? see.Attribute("href"))!.Value.Split('.')[^1],
                XElement { Name.LocalName: "paramref" } field => JsonNamingPolicy.CamelCase.ConvertName(field.Attribute("name")!.Value),
                XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
                XElement other => other.Value,
                _ => "",
            }));
            return Whitespace().Replace(words, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
        }

        [GeneratedRegex(@"\s+")]
        private static partial Regex Whitespace();
    }
}
