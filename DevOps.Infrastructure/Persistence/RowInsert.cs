using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>The statement that puts a row into its table, made from the description that the context has of it. What the table fills in by itself
/// (numbers, times) is left to it where the row does not say.</summary>
internal sealed class RowInsert
{
    private static readonly ConcurrentDictionary<IEntityType, RowInsert> Known = new();

    // Parameters are made by the command they are for; those of a batch have none.
    private static readonly NpgsqlCommand Maker = new();

    private readonly ConcurrentDictionary<ulong, string> _texts = new();
    private readonly string _table;
    private readonly Column[] _columns;

    private RowInsert(IEntityType type)
    {
        _table = type.GetTableName()!;
        _columns = [.. type.GetProperties().Select(p => new Column(p.GetColumnName(), p, p.GetGetter(), p.GetRelationalTypeMapping(), p.ValueGenerated.HasFlag(ValueGenerated.OnAdd)))];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_columns.Length, 64, type.Name);
    }

    /// <summary>The statement for a row.</summary>
    /// <param name="model">The context's description of its tables.</param>
    /// <param name="row">The row; its keys stand in it, or are given by the table.</param>
    /// <exception cref="ArgumentException">It belongs to no table.</exception>
    public static NpgsqlBatchCommand Of(IModel model, object row)
    {
        var type = model.FindEntityType(row.GetType()) ?? throw new ArgumentException($"{row.GetType().Name} belongs to no table.", nameof(row));
        return Known.GetOrAdd(type, t => new RowInsert(t)).Of(row);
    }

    private NpgsqlBatchCommand Of(object row)
    {
        var command = new NpgsqlBatchCommand();
        var said = 0UL;
        for (var i = 0; i < _columns.Length; i++)
        {
            var column = _columns[i];
            if (column.Given && column.Getter.HasSentinelValue(row))
            {
                continue;
            }

            said |= 1UL << i;
            command.Parameters.Add((NpgsqlParameter)column.Mapping.CreateParameter(Maker, "", column.Getter.GetClrValue(row), column.Property.IsNullable));
        }

        command.CommandText = _texts.GetOrAdd(said, Text);
        return command;
    }

    private string Text(ulong said)
    {
        var names = _columns.Where((_, i) => (said & (1UL << i)) != 0).Select(c => c.Name).ToList();
        var places = Enumerable.Range(1, names.Count).Select(n => string.Create(CultureInfo.InvariantCulture, $"${n}"));
        return $"INSERT INTO {_table} ({string.Join(", ", names)}) VALUES ({string.Join(", ", places)})";
    }

    private sealed record Column(string Name, IProperty Property, IClrPropertyGetter Getter, RelationalTypeMapping Mapping, bool Given);
}
