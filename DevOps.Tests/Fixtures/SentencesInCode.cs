using System.Reflection;
using System.Text;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Fixtures;

/// <summary>Finds in compiled code every sentence that it can say, and every text that became a sentence although nobody can know it beforehand.</summary>
public sealed class SentencesInCode
{
    private readonly Dictionary<string, string> _formats = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    /// <summary>Reads methods, but not those of the sentence itself.</summary>
    public SentencesInCode(IEnumerable<MethodBase> methods)
    {
        foreach (var method in methods.Where(m => m.DeclaringType != typeof(Sentence)))
        {
            Read(method);
        }
    }

    /// <summary>English forms, and a method that says each.</summary>
    public IReadOnlyDictionary<string, string> Formats => _formats;

    /// <summary>Places where a text that is no constant becomes a sentence, or where words are put into a hole of one.</summary>
    public IReadOnlyList<string> Faults => _faults;

    private void Read(MethodBase method)
    {
        var code = CodeReader.Read(method);
        var open = new Stack<Building>();
        for (var i = 0; i < code.Count; i++)
        {
            if (code[i].Operand is not MethodBase { DeclaringType: { } type } called || type != typeof(Sentence))
            {
                continue;
            }

            switch (called.Name)
            {
                case ".ctor" when code[i - 1].Operand is int holes && code[i - 2].Operand is int length:
                    open.Push(new Building(length, holes));
                    break;
                case nameof(Sentence.AppendLiteral):
                    open.Peek().Add((string)code[i - 1].Operand!);
                    break;
                case nameof(Sentence.AppendFormatted):
                    open.Peek().AddHole();
                    Judge(method, code, i - 2);
                    break;
                case "op_Implicit" when code[i - 1].Operand is string text && !code[i].Targeted:
                    Note(text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), method);
                    break;
                case "op_Implicit":
                    _faults.Add($"{Name(method)}: a text that is no constant becomes a sentence. In ?: and switch, give one branch as Sentence.Of(...).");
                    break;
            }

            while (open.TryPeek(out var building) && building.Done)
            {
                Note(open.Pop().Format, method);
            }
        }

        if (open.Count > 0)
        {
            _faults.Add($"{Name(method)}: the compiler wrote a sentence in a way that this test does not read.");
        }
    }

    // A hole takes names, numbers and sentences. Words that depend on a condition are another sentence.
    private void Judge(MethodBase method, IReadOnlyList<Instruction> code, int value)
    {
        if (code[value].Operand is string words && words.Any(char.IsLetter) && words.Contains(' ', StringComparison.Ordinal))
        {
            _faults.Add($"{Name(method)}: “{words}” stands in a hole of a sentence and cannot be translated.");
        }
    }

    private void Note(string format, MethodBase method) => _formats.TryAdd(format, Name(method));

    private static string Name(MethodBase method) => $"{method.DeclaringType!.FullName}.{method.Name}";

    private sealed class Building(int length, int holes)
    {
        private readonly StringBuilder _format = new();
        private int _literals;
        private int _holes;

        public string Format => _format.ToString();

        public bool Done => _literals == length && _holes == holes;

        public void Add(string literal)
        {
            _format.Append(literal.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
            _literals += literal.Length;
        }

        public void AddHole() => _format.Append('{').Append(_holes++).Append('}');
    }
}
