import { describeViewLaws } from '@reprise/view-store/contract';
import { departureBoard } from './definition.js';

describeViewLaws(departureBoard);
