using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>New rows, and statements after them, that go to the database together: in their order, in one round trip, in the context's transaction.
/// For what is asked for many times a second. The context neither watches these rows nor notes anything of them for the audit log.</summary>
public sealed class WriteBatch(DevOpsDbContext db)
{
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly List<Action<NpgsqlDataReader>> _answers = [];

    /// <summary>A row; its number stands in it, or is of no interest.</summary>
    public void Add(object row) => _commands.Add(RowInsert.Of(db.Model, row));

    /// <summary>A row whose number the table gives.</summary>
    /// <param name="row">The row.</param>
    /// <param name="number">Told the number once the batch was sent.</param>
    public void Add(object row, Action<long> number)
    {
        var command = RowInsert.Of(db.Model, row);
        command.CommandText += " RETURNING id";
        _commands.Add(command);
        _answers.Add(answer => number(answer.GetInt64(0)));
    }

    /// <summary>A statement that answers with rows.</summary>
    /// <param name="sql">The statement, with its values as <c>$1</c>, <c>$2</c> and so on.</param>
    /// <param name="values">The values.</param>
    /// <param name="read">Called with each row of the answer.</param>
    public void Add(string sql, object?[] values, Action<NpgsqlDataReader> read)
    {
        var command = new NpgsqlBatchCommand(sql);
        HandWrittenSql.Add(command.Parameters, values);
        _commands.Add(command);
        _answers.Add(read);
    }

    /// <summary>Sends all of it. What the database refuses is thrown, and the transaction can only be rolled back then.</summary>
    /// <exception cref="PostgresException">Something was refused.</exception>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection(), (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction());
        _commands.ForEach(batch.BatchCommands.Add);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var read in _answers)
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                read(reader);
            }

            await reader.NextResultAsync(cancellationToken);
        }

        // What comes after the last answer may still be refused.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }
    }

    /// <summary>Sends all of it and commits in the same round trip: the transaction is over then. After a refused statement the database passes over the others, and over the commit.</summary>
    /// <exception cref="PostgresException">Something was refused; nothing is committed.</exception>
    public Task CommitAsync(CancellationToken cancellationToken)
    {
        _commands.Add(new NpgsqlBatchCommand("COMMIT"));
        return SendAsync(cancellationToken);
    }
}
