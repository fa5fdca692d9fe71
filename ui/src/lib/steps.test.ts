import { expect, test } from 'vitest';
import { inOrderOfUse, statusByKey } from './steps';

test('the next step of an ordinary visit is offered first, what ends it last', () => {
  expect(inOrderOfUse(['cancelled', 'booked', 'entered-in-error', 'waitlist'])).toEqual({
    main: 'booked',
    others: ['waitlist', 'cancelled', 'entered-in-error'],
  });
  expect(inOrderOfUse(['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled']).main).toBe('arrived');
  expect(inOrderOfUse([])).toEqual({ main: undefined, others: [] });
});

test('a key asks only for what may come, and for an end only with Shift', () => {
  // Whatever the keyboard writes, the key is the same: a Korean one writes ㅊ here.
  const press = (code: string, more: Partial<KeyboardEvent> = {}): KeyboardEvent =>
    ({ code, key: 'ㅊ', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more }) as KeyboardEvent;
  expect(statusByKey(press('KeyC'), ['booked', 'cancelled'])).toBe('booked');
  expect(statusByKey(press('KeyC'), ['arrived'])).toBeUndefined();
  expect(statusByKey(press('KeyX'), ['cancelled'])).toBeUndefined();
  expect(statusByKey(press('KeyX', { shiftKey: true }), ['cancelled'])).toBe('cancelled');
  expect(statusByKey(press('KeyC', { ctrlKey: true }), ['booked'])).toBeUndefined();
});
