import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import type { IndexAccess } from '@actions/expressions/ast';
import { truthy } from '@actions/expressions/result';

/** The contexts that expressions may refer to, by name: `steps`, `secrets`, … */
export type Contexts = Readonly<Record<string, unknown>>;

/** The status of the job, for `success()`, `failure()` and `cancelled()`. */
export type Status = 'success' | 'failure' | 'cancelled';

const STATUS_FUNCTIONS = ['success', 'failure', 'cancelled', 'always'];

/** Evaluates the `${{ expressions }}` in a text. */
export function textOf(value: unknown, contexts: Contexts): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') throw new Error(`Not a text: ${JSON.stringify(value)}`);
  return value.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression, contexts, 'success').coerceString(),
  );
}

/** Whether a condition is true. Without a status function, it is true only after success. */
export function holds(condition: unknown, contexts: Contexts, status: Status): boolean {
  if (condition === undefined) return status === 'success';
  if (typeof condition === 'boolean') return condition && status === 'success';
  if (typeof condition !== 'string') throw new Error(`Not a condition: ${JSON.stringify(condition)}`);
  const expression = /^\$\{\{(.*)\}\}$/s.exec(condition.trim())?.[1] ?? condition;
  if (!asksForStatus(expression) && status !== 'success') return false;
  return truthy(evaluate(expression, contexts, status));
}

function asksForStatus(expression: string): boolean {
  const { tokens } = new Lexer(expression).lex();
  return tokens.some(
    ({ lexeme }, index) => STATUS_FUNCTIONS.includes(lexeme.toLowerCase()) && tokens[index + 1]?.lexeme === '(',
  );
}

function evaluate(expression: string, contexts: Contexts, status: Status): data.ExpressionData {
  const names = Object.keys(contexts);
  const functions = STATUS_FUNCTIONS.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(name === 'always' || name === status),
  }));
  const parsed = new Parser(new Lexer(expression.trim()).lex().tokens, names, functions).parse();
  const dictionary = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  return new StrictEvaluator(parsed, dictionary, new Map(functions.map((one) => [one.name, one]))).evaluate();
}

/** Fails on a missing value. GitHub treats it as empty, but in documentation it is always a mistake. */
class StrictEvaluator extends Evaluator {
  override visitIndexAccess(access: IndexAccess): data.ExpressionData {
    const value = super.visitIndexAccess(access);
    if (value.kind !== data.Kind.Null) return value;
    const index = 'accept' in access.index ? this.eval(access.index).coerceString() : '*';
    throw new Error(`There is nothing named ${index} in what an expression refers to.`);
  }
}
