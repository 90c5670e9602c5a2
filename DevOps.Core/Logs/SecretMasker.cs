using System.Runtime.InteropServices;
using DevOps.Core.Secrets;

namespace DevOps.Core.Logs;

/// <summary>Knows every secret of a deployment in every spelling of <see cref="SecretSpellings"/>. One pass over the text finds them all (Aho-Corasick),
/// however many there are, and its position can be kept between two pieces of text, so that no border hides a secret. Immutable, for any number of threads.</summary>
public sealed class SecretMasker
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mask = "***";

    private const int Root = 0;
    private const char NoChar = '\uffff';

    private readonly Dictionary<char, int> _classes = [];
    private readonly byte[] _asciiClasses = new byte[128];
    private readonly List<Node> _nodes = [new Node { OnlyChar = NoChar }];
    private readonly Node[] _automaton;

    /// <summary>Prepares for a set of secrets. Values of fewer than <see cref="SecretSpellings.Shortest"/> characters are not masked.</summary>
    public SecretMasker(IEnumerable<Sensitive> secrets)
    {
        var spellings = secrets.SelectMany(s => SecretSpellings.Of(s.Reveal())).ToHashSet(StringComparer.Ordinal);
        var children = new Dictionary<(int, char), int>();
        foreach (var spelling in spellings)
        {
            Add(spelling, children);
        }

        _automaton = [.. _nodes];
        Link(children);
        _nodes.Clear();
    }

    /// <summary>True when there is nothing to hide.</summary>
    public bool IsEmpty => _automaton.Length == 1;

    /// <summary>Moves on by one character.</summary>
    /// <param name="state">Where the search stands; 0 at the beginning of a line.</param>
    /// <param name="c">The next visible character.</param>
    public int Next(int state, char c)
    {
        while (true)
        {
            ref readonly var node = ref _automaton[state];
            if (node.Row is { } row)
            {
                return row[ClassOf(c)];
            }

            if (node.OnlyChar == c)
            {
                return node.OnlyNext;
            }

            state = node.Fail;
        }
    }

    /// <summary>Length of the longest secret that ends at this state; 0 for none.</summary>
    public int MatchLength(int state) => _automaton[state].Match;

    /// <summary>How many of the last characters may still turn out to be the beginning of a secret.</summary>
    public int Undecided(int state) => _automaton[state].Depth;

    /// <summary>Masks a text that stands alone: a message, an error.</summary>
    public string Apply(string text)
    {
        if (IsEmpty || text.Length == 0)
        {
            return text;
        }

        var line = new MaskedLine(this);
        line.Append(text);
        return line.End();
    }

    private int ClassOf(char c) =>
        c < 128 ? _asciiClasses[c] : _classes.GetValueOrDefault(c);

    private void Add(string spelling, Dictionary<(int, char), int> children)
    {
        var state = Root;
        foreach (var c in spelling)
        {
            if (!children.TryGetValue((state, c), out var next))
            {
                next = _nodes.Count;
                children[(state, c)] = next;
                _nodes.Add(new Node { Depth = _nodes[state].Depth + 1, Parent = state, Char = c, OnlyChar = NoChar });
                Adopt(ref CollectionsMarshal.AsSpan(_nodes)[state], c, next);
                _classes.TryAdd(c, _classes.Count + 1);
            }

            state = next;
        }

        CollectionsMarshal.AsSpan(_nodes)[state].Match = spelling.Length;
    }

    private static void Adopt(ref Node parent, char c, int child)
    {
        parent.Children++;
        (parent.OnlyChar, parent.OnlyNext) = parent.Children == 1 ? (c, child) : (NoChar, Root);
    }

    // Nodes with one child keep just that; the root and the few that branch get a whole row. That keeps both memory and the walk small.
    private void Link(Dictionary<(int, char), int> children)
    {
        foreach (var (c, number) in _classes.Where(c => c.Key < 128))
        {
            _asciiClasses[c] = (byte)number;
        }

        foreach (var state in Enumerable.Range(0, _automaton.Length).OrderBy(s => _automaton[s].Depth))
        {
            ref var node = ref _automaton[state];
            if (state != Root)
            {
                node.Fail = node.Parent == Root ? Root : Next(_automaton[node.Parent].Fail, node.Char);
                node.Match = Math.Max(node.Match, _automaton[node.Fail].Match);
            }

            if (state == Root || node.Children > 1)
            {
                node.Row = RowOf(state, children);
            }
        }
    }

    private int[] RowOf(int state, Dictionary<(int, char), int> children)
    {
        var row = new int[_classes.Count + 1];
        foreach (var (c, number) in _classes)
        {
            if (children.TryGetValue((state, c), out var next))
            {
                row[number] = next;
            }
            else if (state != Root)
            {
                row[number] = Next(_automaton[state].Fail, c);
            }
        }

        return row;
    }

    private struct Node
    {
        public char Char;
        public char OnlyChar;
        public int OnlyNext;
        public int Parent;
        public int Children;
        public int Fail;
        public int Depth;
        public int Match;
        public int[]? Row;
    }
}
